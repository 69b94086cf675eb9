/* elders: finished trials of earlier studies that sharpen the forecasts of a new one. They are siblings of a forecast and nobody's rivals: what must be
 * beaten is the study's own. Studies are named in a list, by commas; "none": no study. All lie in the directory of the study's own file. */
#ifndef ELDERS_H
#define ELDERS_H

#include "judge/judge.h"
#include "store/store.h"

#define ELDERS_MOST 20 /* trials in all, the newest: more of them cost time at every look */

/* The earlier studies with the same command (command_kin.h), run in the same directory, newest first; and with the metric, unless that is "".
 * "none" where there is none. */
void elders_choose(struct store *store, const char *metric, const char *command, const char *directory, char *list, size_t size);
/* False with a message: a study of the list is not there. */
bool elders_are_there(struct store *store, const char *list, char error[STORE_ERROR]);
/* How many trials were told. */
unsigned elders_tell(struct store *store, const char *list, struct judge *judge);

#endif
