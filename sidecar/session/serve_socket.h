#ifndef SERVE_SOCKET_H
#define SERVE_SOCKET_H

#include "service.h"

#include <uv.h>

/* Listens on a Unix socket of mode 0600 and answers every client of our own user from one service. Replaces a stale socket file. */
struct listener;
struct listener *listener_create(uv_loop_t *loop, struct service *service, const char *path, char *error, size_t error_size);
void listener_close(struct listener *listener); /* asynchronous: freed by the loop; clients are closed, the file is removed */
unsigned listener_clients(const struct listener *listener);
void listener_tell(struct listener *listener, json_t *message); /* to every client; steals message */

int serve_socket(const struct policy *policy, const char *path); /* until SIGTERM or SIGINT; exit status */

#endif
