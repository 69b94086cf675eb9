#include "run_socket.h"

#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define DIRECTORY "/tmp/foregone-"
#define TO_LISTEN_S 60 /* more than it takes from the directory to a listener, or we are not started at all */

void run_socket_place(char path[RUN_SOCKET_PATH])
{
    char directory[] = DIRECTORY "XXXXXX";
    *path = 0;
    if (mkdtemp(directory)) snprintf(path, RUN_SOCKET_PATH, "%s/hook", directory);
}

void run_socket_remove(const char path[RUN_SOCKET_PATH])
{
    char directory[RUN_SOCKET_PATH];
    if (!*path) return;
    snprintf(directory, sizeof directory, "%s", path);
    unlink(path);
    *strrchr(directory, '/') = 0;
    rmdir(directory);
}

/* A refusal, or no socket at all. Anything else is doubt: a listener with a full queue, one that is not ours to ask. */
static bool nobody_listens(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return false;
    memcpy(address.sun_path, path, strlen(path) + 1);
    bool refused = connect(fd, (struct sockaddr *)&address, sizeof address) && (errno == ECONNREFUSED || errno == ENOENT);
    close(fd);
    return refused;
}

static void clear_one(const char *directory)
{
    struct stat at;
    char path[RUN_SOCKET_PATH];
    bool old = !lstat(directory, &at) && S_ISDIR(at.st_mode) && at.st_uid == geteuid() && time(NULL) - at.st_mtime > TO_LISTEN_S;
    if (!old || snprintf(path, sizeof path, "%s/hook", directory) >= (int)sizeof path) return;
    if (nobody_listens(path)) run_socket_remove(path);
}

void run_socket_clear(void)
{
    glob_t found = {0};
    if (!glob(DIRECTORY "??????", GLOB_NOSORT, NULL, &found))
        for (size_t i = 0; i < found.gl_pathc; i++) clear_one(found.gl_pathv[i]);
    globfree(&found);
}
