#include "stopper.h"

#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PROCESSES_MAX 65536

struct process { pid_t pid, parent; unsigned long long start; bool zombie, ours; };

void stopper_adopt_orphans(void) { prctl(PR_SET_CHILD_SUBREAPER, 1); }

/* /proc/PID/stat, proc(5): the name in parentheses may hold anything, so the fields count from the last ')'. */
static bool read_process(pid_t pid, struct process *p)
{
    char path[40], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *in = fopen(path, "re");
    if (!in) return false;
    size_t n = fread(text, 1, sizeof text - 1, in);
    fclose(in);
    text[n] = 0;
    char *after = strrchr(text, ')'), state;
    int parent;
    *p = (struct process){.pid = pid};
    if (!after || sscanf(after + 1, " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &state, &parent, &p->start) != 3) return false;
    p->parent = parent;
    p->zombie = state == 'Z' || state == 'X';
    return true;
}

static size_t all_processes(struct process *list, size_t max)
{
    DIR *proc = opendir("/proc");
    size_t n = 0;
    for (struct dirent *entry; proc && n < max && (entry = readdir(proc));)
        if (isdigit((unsigned char)*entry->d_name) && read_process(atoi(entry->d_name), &list[n])) n++;
    if (proc) closedir(proc);
    return n;
}

static bool parent_is_ours(const struct process *list, size_t n, pid_t parent)
{
    if (parent == getpid()) return true;
    for (size_t i = 0; i < n; i++)
        if (list[i].pid == parent) return list[i].ours;
    return false;
}

/* Marks our descendants: again and again, until no more are found. */
static void mark(struct process *list, size_t n, pid_t spare)
{
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < n; i++)
            if (!list[i].ours && list[i].pid != spare && list[i].pid != getpid() && parent_is_ours(list, n, list[i].parent)) more = list[i].ours = true;
    }
}

/* A pidfd names the process, whatever becomes of its number; the start time proves that it is the one we looked at. */
static bool kill_verified(const struct process *p, int number)
{
    struct process now;
    int fd = (int)syscall(SYS_pidfd_open, p->pid, 0);
    bool same = fd >= 0 && read_process(p->pid, &now) && now.start == p->start && !now.zombie;
    bool done = same && !syscall(SYS_pidfd_send_signal, fd, number, NULL, 0);
    if (fd >= 0) close(fd);
    return done;
}

bool stopper_signal(pid_t pid, int number)
{
    struct process p;
    return read_process(pid, &p) && kill_verified(&p, number);
}

unsigned long long stopper_start_of(pid_t pid)
{
    struct process p;
    return read_process(pid, &p) && !p.zombie ? p.start : 0;
}

static unsigned each_left(pid_t spare, int number)
{
    struct process *list = malloc(PROCESSES_MAX * sizeof *list);
    unsigned count = 0;
    if (!list) return 0;
    size_t n = all_processes(list, PROCESSES_MAX);
    mark(list, n, spare);
    for (size_t i = 0; i < n; i++)
        if (list[i].ours && !list[i].zombie) count += number ? kill_verified(&list[i], number) : 1;
    free(list);
    return count;
}

unsigned stopper_left(pid_t spare) { return each_left(spare, 0); }
unsigned stopper_kill_all(pid_t spare) { return each_left(spare, SIGKILL); }
