"""Processes, clients, disks and verdicts that the scripts share."""
