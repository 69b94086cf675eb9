/* company: trials of one study that one process follows. What each knows of all the others is the same, so one judge and one reader of the study's memory
 * serve them all; with one each, memory would grow with the square of their number.
 */
#ifndef COMPANY_H
#define COMPANY_H

#include "judge/judge.h"
#include "options/options.h"
#include "store/store.h"

struct company;

/* settings: what the study has agreed on. Knows what the study knows, and the earlier ones that it learns from. NULL: out of memory, or the study cannot be read. */
struct company *company_create(const struct options *options, const char *study, const struct store_settings *settings);
/* Another one joins it: the same, counted. NULL: its study has agreed on something else meanwhile. */
struct company *company_join(struct company *company, const struct store_settings *settings);
void company_leave(struct company *company); /* the last one closes it; NULL is no company */

struct judge *company_judge(struct company *company); /* borrowed */
unsigned company_elders(const struct company *company); /* trials of earlier studies that it learns from */
void company_refresh(struct company *company); /* takes in what the study has learned since; cheap when that is nothing */

#endif
