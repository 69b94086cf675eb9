#include "serve_socket.h"

#include "options/exits.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_BYTES (1 << 20) /* a client that sends a longer line is cut off */

struct client {
    uv_pipe_t pipe;
    struct listener *listener;
    struct client *next;
    char *line;
    size_t n, room;
};

struct listener {
    uv_pipe_t pipe;
    struct service *service;
    struct client *clients;
    char path[108];
};

struct message { uv_write_t request; char *text; };

/* ---- answers -------------------------------------------------------------------------------------------------------------------- */

static void written(uv_write_t *request, int status)
{
    struct message *m = (struct message *)request;
    (void)status;
    free(m->text);
    free(m);
}

static void send_text(struct client *c, const char *text, size_t length)
{
    struct message *m = malloc(sizeof *m);
    if (!m || !(m->text = malloc(length + 1))) {
        free(m);
        return;
    }
    memcpy(m->text, text, length);
    m->text[length] = '\n';
    uv_buf_t buffer = uv_buf_init(m->text, (unsigned)length + 1);
    if (uv_write(&m->request, (uv_stream_t *)&c->pipe, &buffer, 1, written)) written(&m->request, 0);
}

static void answer(struct client *c, json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(10));
    if (text) send_text(c, text, strlen(text));
    free(text);
    json_decref(object);
}

void listener_tell(struct listener *l, json_t *message)
{
    for (struct client *c = l->clients; c; c = c->next) answer(c, json_incref(message));
    json_decref(message);
}

/* ---- clients -------------------------------------------------------------------------------------------------------------------- */

static void client_closed(uv_handle_t *handle)
{
    struct client *c = handle->data;
    free(c->line);
    free(c);
}

static void client_drop(struct client *c)
{
    struct client **at = &c->listener->clients;
    while (*at && *at != c) at = &(*at)->next;
    if (*at) *at = c->next;
    if (!uv_is_closing((uv_handle_t *)&c->pipe)) uv_close((uv_handle_t *)&c->pipe, client_closed);
}

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct client *c = handle->data;
    (void)suggested;
    if (c->room - c->n < 4096 && c->room < LINE_MAX_BYTES) {
        size_t room = c->room ? 2 * c->room : 16384;
        char *line = realloc(c->line, room);
        if (line) c->line = line, c->room = room;
    }
    *buffer = uv_buf_init(c->line + c->n, (unsigned)(c->room - c->n));
}

static void take_lines(struct client *c)
{
    char *start = c->line, *end;
    while ((end = memchr(start, '\n', c->n - (size_t)(start - c->line)))) {
        json_t *object = service_line(c->listener->service, start, (size_t)(end - start));
        if (object) answer(c, object);
        start = end + 1;
    }
    c->n -= (size_t)(start - c->line);
    memmove(c->line, start, c->n);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    struct client *c = stream->data;
    (void)buffer;
    if (n > 0) {
        c->n += (size_t)n;
        take_lines(c);
    }
    if (n < 0 || c->n == LINE_MAX_BYTES) client_drop(c);
}

/* Only our own user may speak: the socket's mode says so, the kernel's word on the peer is the proof. */
static bool is_our_user(uv_pipe_t *pipe)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    uv_os_fd_t fd;
    return !uv_fileno((uv_handle_t *)pipe, &fd) && !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) && (peer.uid == getuid() || peer.uid == 0);
}

static void on_connection(uv_stream_t *server, int status)
{
    struct listener *l = server->data;
    struct client *c = status ? NULL : calloc(1, sizeof *c);
    if (!c) return;
    uv_pipe_init(server->loop, &c->pipe, 0);
    c->pipe.data = c;
    c->listener = l;
    c->next = l->clients;
    l->clients = c;
    if (uv_accept(server, (uv_stream_t *)&c->pipe) || !is_our_user(&c->pipe) || uv_read_start((uv_stream_t *)&c->pipe, give_room, on_read)) client_drop(c);
}

/* ---- listener ------------------------------------------------------------------------------------------------------------------- */

static void listener_closed(uv_handle_t *handle) { free(handle->data); }

struct listener *listener_create(uv_loop_t *loop, struct service *service, const char *path, char *error, size_t error_size)
{
    struct listener *l = calloc(1, sizeof *l);
    int fault = l ? 0 : UV_ENOMEM;
    if (!fault && strlen(path) >= sizeof l->path) fault = UV_ENAMETOOLONG;
    if (fault) {
        snprintf(error, error_size, "%s: %s", path, uv_strerror(fault));
        free(l);
        return NULL;
    }
    snprintf(l->path, sizeof l->path, "%s", path);
    l->service = service;
    uv_pipe_init(loop, &l->pipe, 0);
    l->pipe.data = l;
    unlink(path);
    mode_t mask = umask(0177);
    fault = uv_pipe_bind(&l->pipe, path);
    umask(mask);
    if (!fault) fault = uv_listen((uv_stream_t *)&l->pipe, 16, on_connection);
    if (!fault) return l;
    snprintf(error, error_size, "%s: %s", path, uv_strerror(fault));
    uv_close((uv_handle_t *)&l->pipe, listener_closed);
    return NULL;
}

void listener_close(struct listener *l)
{
    if (!l) return;
    while (l->clients) client_drop(l->clients);
    unlink(l->path);
    uv_close((uv_handle_t *)&l->pipe, listener_closed);
}

unsigned listener_clients(const struct listener *l)
{
    unsigned n = 0;
    for (struct client *c = l->clients; c; c = c->next) n++;
    return n;
}

/* ---- the verb ------------------------------------------------------------------------------------------------------------------- */

static void on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    uv_stop(handle->loop);
}

int serve_socket(const struct policy *policy, const char *path)
{
    uv_loop_t *loop = uv_default_loop();
    uv_signal_t term, interrupt;
    char error[256];
    struct service *service = service_create(policy, NULL, NULL);
    struct listener *l = service ? listener_create(loop, service, path, error, sizeof error) : NULL;
    if (!l) {
        fprintf(stderr, "foregone serve: cannot listen on %s. Choose a path in a directory that you can write\n", service ? error : path);
        service_destroy(service);
        return EXIT_SYSTEM;
    }
    uv_signal_init(loop, &term), uv_signal_start(&term, on_signal, SIGTERM);
    uv_signal_init(loop, &interrupt), uv_signal_start(&interrupt, on_signal, SIGINT);
    uv_run(loop, UV_RUN_DEFAULT);
    listener_close(l);
    uv_close((uv_handle_t *)&term, NULL), uv_close((uv_handle_t *)&interrupt, NULL);
    uv_run(loop, UV_RUN_DEFAULT);
    service_destroy(service);
    return 0;
}
