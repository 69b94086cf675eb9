/* stopper: ends a tree of processes and proves that nothing is left. It never decides.
 *
 * The ladder: the caller has asked (a hook's answer) or asks with SIGTERM to the direct child alone, which is the agent where there is one
 * (torchrun's workers live in sessions of their own, so a signal to a process group misses them); waits the grace; then kills every
 * descendant, found by walking /proc, each held by a pidfd and checked again before the signal, so that a recycled pid is never hit.
 */
#ifndef STOPPER_H
#define STOPPER_H

#include <stdbool.h>
#include <sys/types.h>

/* Become the one to whom orphans of our descendants fall, so that none escapes the walk. */
void stopper_adopt_orphans(void);
/* Descendants of our own process that are alive (zombies do not count), but for spare. */
unsigned stopper_left(pid_t spare);
/* SIGKILL to all of them. How many were signalled. */
unsigned stopper_kill_all(pid_t spare);
/* One signal to one verified process. */
bool stopper_signal(pid_t pid, int number);
/* When it was started, in clock ticks since boot: with the pid it names a process for good. 0: no such process. */
unsigned long long stopper_start_of(pid_t pid);

#endif
