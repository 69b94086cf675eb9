/* run_socket: where a run's socket for hooks lies: a directory of its own in /tmp, since socket paths are short by law (108 bytes). */
#ifndef RUN_SOCKET_H
#define RUN_SOCKET_H

#define RUN_SOCKET_PATH 108

/* Makes the directory. path: "" when it cannot be made; else the socket's path, at which nothing listens yet. */
void run_socket_place(char path[RUN_SOCKET_PATH]);
/* Socket and directory; "" is nothing to remove. */
void run_socket_remove(const char path[RUN_SOCKET_PATH]);
/* Removes what runs of this user left behind that were killed with all their processes: directories older than a minute where nobody listens. */
void run_socket_clear(void);

#endif
