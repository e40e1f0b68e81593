"""Networks of hosts: the port that commands see (`api`), and its networks. They know nothing of entries."""
