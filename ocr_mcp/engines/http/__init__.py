"""HTTP to model servers: the client, its errors, deadlines, and the queue of each host."""
