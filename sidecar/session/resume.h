/* resume: how a trial was started, word by word, and what it takes to go on with it from a checkpoint. */
#ifndef RESUME_H
#define RESUME_H

#include "store/store.h"

/* The words of `run` and the environment of this process, as the store keeps them. Left out of the environment are the values of names that look like
 * secrets, what belongs to a terminal or a login, and our own. False: out of memory. Free with resume_start_clear. */
bool resume_start_gather(struct store_start *start, char *const *words);
void resume_start_clear(struct store_start *start);

/* The words again, NULL at the end, pointing into start; the array is the caller's to free. NULL: not known, or out of memory. */
char **resume_words(const struct store_start *start);
/* Puts that environment over that of this process. What tells devices apart (CUDA_VISIBLE_DEVICES) stays as it is here, where it is set. */
void resume_environment(const struct store_start *start);

/* The newest path that matches glob ("{trial}" in it stands for the trial's name) and was changed last in [since, until] (seconds since 1970), relative
 * ones below directory (NULL: here). Absolute, the caller's to free; NULL: none. */
char *resume_newest(const char *glob, const char *trial, const char *directory, double since, double until);

/* The command with the words of resume_arg behind it, "{checkpoint}" in them replaced. Words are split at spaces; a path with spaces stays one word. A
 * new array that ends with NULL, the caller's to free at once; the command's own words are borrowed. NULL: out of memory. */
char **resume_command(char *const *command, const char *resume_arg, const char *checkpoint);

#endif
