"""Rows of the table: databases of blocks and states, and chains."""

from __future__ import annotations

from pyrum_sync.catalogue.rows import CHAIN_DBS, COMPRESSION, HOST, PEER, PROTOCOL, RUNNING, Row


def databases(group: str, note: str) -> tuple[Row, ...]:
    return (
        Row(
            f"{group} create <name:string> [path:string=]",
            f"Make a {group} DB and use it; without a path it is kept in memory.",
            note=note,
        ),
        Row(f"{group} copy <source:string> <dest:string>", f"Copy a {group} DB.", note="Rumor cannot do it: it fails."),
        Row(
            f"{group} switch <to:string>",
            f"Use another {group} DB.",
            fields="from:string to:string",
            note="That there is one of the name is not checked.",
        ),
        Row(f"{group} rm <name:string>", f"Remove a {group} DB.", fields="existed:boolean name:string"),
        Row(
            f"{group} list",
            f"List the {group} DBs, and show the current one.",
            fields="dbs:array current:string path:string",
        ),
    )


def blocks(words: str, needs: str) -> tuple[Row, ...]:
    return (
        Row(
            f"{words} import",
            "Put a signed block into the DB.",
            "input:string= data:bytes=",
            "existed:boolean",
            (needs,),
            note="input is a file of Rumor's side. Using data, or importing a block twice, kills Rumor.",
        ),
        Row(
            f"{words} export <root:bytes32>",
            "Write a block of the DB into a file, or into the field data.",
            "output:string=",
            "existed:boolean data:string",
            (needs,),
            note="For a block of a DB in memory it kills Rumor.",
        ),
        Row(
            f"{words} get <root:bytes32>",
            "Summarise a block of the DB.",
            fields="block:object",
            needs=(needs,),
            note="For a block of a DB in memory it kills Rumor.",
        ),
        Row(f"{words} rm <root:bytes32>", "Remove a block from the DB.", fields="existed:boolean", needs=(needs,)),
        Row(
            f"{words} stats",
            "Show how many blocks the DB has, and the last one written.",
            fields="count:integer last:string",
            needs=(needs,),
            note="Always zero for a DB in files.",
        ),
        Row(f"{words} list", "List the block roots of the DB.", fields="block_roots:array|null", needs=(needs,)),
    )


def states(words: str, needs: str) -> tuple[Row, ...]:
    return (
        Row(
            f"{words} import",
            "Put a state into the DB.",
            "input:string= data:bytes=",
            "existed:boolean root:string",
            (needs,),
            note="input is a file of Rumor's side.",
        ),
        Row(
            f"{words} export <root:bytes32>",
            "Write a state of the DB into a file, or into the field data.",
            "output:string=",
            "data:string",
            (needs,),
        ),
        Row(f"{words} get <root:bytes32>", "Summarise a state of the DB.", fields="state:object", needs=(needs,)),
        Row(f"{words} rm <root:bytes32>", "Remove a state from the DB.", fields="existed:boolean", needs=(needs,)),
        Row(
            f"{words} stats",
            "Show how many states the DB has, and the last one written.",
            fields="count:integer last:string",
            needs=(needs,),
        ),
        Row(f"{words} list", "List the state roots of the DB.", fields="state_roots:array", needs=(needs,)),
    )


CHAIN_ROWS = (
    Row(
        "chain create <name:string> <state:bytes32>",
        "Make a chain that begins with a state of the states DB, and use it.",
        needs=(*CHAIN_DBS, "the state in the states DB: states.db.import_(input=file)"),
    ),
    Row(
        "chain copy <source:string> <dest:string>",
        "Copy a chain.",
        needs=CHAIN_DBS,
        note="Rumor cannot do it: it fails.",
    ),
    Row(
        "chain switch <to:string>",
        "Use another chain.",
        fields="from:string to:string",
        needs=CHAIN_DBS,
        note="That there is one of the name is not checked.",
    ),
    Row("chain rm <name:string>", "Remove a chain.", fields="existed:boolean name:string", needs=CHAIN_DBS),
    Row(
        "chain list",
        "List the chains, and show the current one.",
        fields="chains:array current:string",
        needs=CHAIN_DBS,
    ),
)

_NOTHING = "Does nothing in Rumor, and succeeds."


def chain(words: str, need: str) -> tuple[Row, ...]:
    needs = (*CHAIN_DBS, need)
    sync = "chunk:object i:integer slot:integer root:string known:boolean"
    keep = "store:bool=true process:bool=true process-timeout:duration=20s"
    return (
        Row(f"{words} attestation <root:bytes32>", "Add an attestation to the chain.", needs=needs, note=_NOTHING),
        Row(
            f"{words} block <root:bytes32>",
            "Add a block of the blocks DB to the chain.",
            needs=(*needs, "the block in the blocks DB: blocks.db.import_(input=file)"),
            note="Fails on a chain that is new: its anchor is unknown.",
        ),
        Row(
            f"{words} hot cold",
            "Move the hot part of the chain to the cold part.",
            "anchor:bytes32",
            needs=needs,
            note=_NOTHING,
        ),
        Row(
            f"{words} cold cold",
            "Look at the cold part of the chain.",
            "start:uint64=0 end:uint64=0",
            needs=needs,
            note=_NOTHING,
        ),
        Row(f"{words} head get", "Show the head of the chain.", needs=needs, note=_NOTHING),
        Row(f"{words} head set <root:bytes32>", "Set the head of the chain.", needs=needs, note=_NOTHING),
        Row(
            f"{words} head follow <following:bool>",
            "Follow the head of the chain, or not.",
            needs=needs,
            note=_NOTHING,
        ),
        Row(
            f"{words} serve by-range",
            "Answer requests for the chain's blocks by range.",
            f"{COMPRESSION} timeout:duration=20s max-count:uint64=100 max-step:uint64=10",
            "started:boolean from:string req:object block:string error:string",
            (*needs, HOST),
            RUNNING,
        ),
        Row(
            f"{words} serve by-root",
            "Answer requests for the chain's blocks by root.",
            f"{COMPRESSION} timeout:duration=20s max-count:uint64=1024 within-view:bool=true",
            "started:boolean from:string req:array root:string block:string error:string",
            (*needs, HOST),
            RUNNING,
        ),
        Row(
            f"{words} sync by-range",
            "Ask a peer for blocks by range, and add them to the chain.",
            f"peer:peer-id start:uint64=0 count:uint64=0 step:uint64=0 {COMPRESSION} timeout:duration=20s {keep}",
            sync,
            (*needs, HOST, PEER, PROTOCOL),
            note="A step of 0 is refused: set one. With process it fails on a chain that is new.",
        ),
        Row(
            f"{words} sync by-root",
            "Ask a peer for blocks by root, and add them to the chain.",
            f"peer:peer-id roots:bytes32s {COMPRESSION} timeout:duration=20s {keep}",
            sync,
            (*needs, HOST, PEER, PROTOCOL),
            note="With process it fails on a chain that is new.",
        ),
        Row(f"{words} votes", "List the latest votes of validators.", needs=needs, note=_NOTHING),
    )


# -- all of it

ROWS = {
    "blocks": (
        *databases("blocks", ""),
        *blocks("blocks db", "a current blocks DB: blocks.create(name)"),
        *blocks("blocks on <name>", "a blocks DB of that name: blocks.create(name)"),
    ),
    "states": (
        *databases("states", "Rumor refuses a path."),
        *states("states db", "a current states DB: states.create(name)"),
        *states("states on <name>", "a states DB of that name: states.create(name)"),
    ),
    "chain": (
        *CHAIN_ROWS,
        *chain("chain this", "a current chain: chain.create(name, state)"),
        *chain("chain on <name>", "a chain of that name: chain.create(name, state)"),
    ),
}

GROUPS = {
    "blocks": "Databases of blocks.",
    "blocks db": "The current blocks DB.",
    "blocks on": "Any blocks DB, by its name.",
    "blocks on <name>": "The blocks DB of that name.",
    "states": "Databases of states.",
    "states db": "The current states DB.",
    "states on": "Any states DB, by its name.",
    "states on <name>": "The states DB of that name.",
    "chain": "Chains of the consensus layer.",
    "chain this": "The current chain.",
    "chain on": "Any chain, by its name.",
    "chain on <name>": "The chain of that name.",
}
GROUPS.update(
    (f"{chain} {word}", text)
    for chain in ("chain this", "chain on <name>")
    for word, text in (
        ("hot", "The hot part of the chain."),
        ("cold", "The cold part of the chain."),
        ("head", "The head of the chain."),
        ("serve", "Serve the chain to peers."),
        ("sync", "Fetch blocks from a peer."),
    )
)
