/* command_kin: is this the command of an earlier study, but for the values that a sweep varies? Pure. */
#ifndef COMMAND_KIN_H
#define COMMAND_KIN_H

#include <stdbool.h>
#include <stddef.h>

/* others: the commands of one earlier study, words joined by blanks as the store has them. The same are two commands that differ only in
 *   - numbers, as values of options (--lr 1e-4, --lr=1e-4, lr=1e-4) or alone; an option with a number may also be missing on one side;
 *   - values of options that the earlier study itself varied, whatever they are (--output_dir runs/7);
 *   - the version of the interpreter, and where it lies.
 * A text that the earlier study held fixed (--task sst2, --model gpt2, the script) must be the same. */
bool command_is_kin(const char *command, const char *const *others, size_t n);

#endif
