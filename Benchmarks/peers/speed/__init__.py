"""Times the peers on the workloads of workloads.json; see README.md beside this folder."""
