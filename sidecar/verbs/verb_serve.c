/* serve: the protocol on standard input and output, or on a Unix socket */
#include "options/options.h"
#include "session/serve_socket.h"
#include "session/service.h"
#include "verbs.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static int serve_stdio(const struct policy *policy)
{
    struct service *service = service_create(policy, NULL, NULL);
    char *text = NULL;
    size_t room = 0;
    ssize_t length;
    bool ok = service != NULL;
    while (ok && (length = getline(&text, &room, stdin)) >= 0) {
        json_t *answer = service_line(service, text, (size_t)length);
        if (answer) ok = json_write_line(stdout, answer);
    }
    free(text);
    service_destroy(service);
    return ok ? 0 : EXIT_SYSTEM;
}

int verb_serve(int argc, char **argv)
{
    struct options options;
    int first = options_parse(&options, argc, argv);
    if (first < 0) return -1 - first;
    struct policy policy = options_policy(&options);
    signal(SIGPIPE, SIG_IGN);
    if (options.socket) return serve_socket(&policy, options.socket);
    if (options.stdio) return serve_stdio(&policy);
    fprintf(stderr, "foregone serve: give --stdio or --socket PATH\n");
    return EXIT_MISUSE;
}
