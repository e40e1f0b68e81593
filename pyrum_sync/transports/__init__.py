"""The ways to reach a Rumor. Each is loaded when it is first asked for: a script needs one of them."""
