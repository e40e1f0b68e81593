"""Networks of hosts: the port that commands see (`api`), and what stands behind it. They know nothing of entries."""
