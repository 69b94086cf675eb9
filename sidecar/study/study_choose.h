/* study_choose: which study a view is asked for. */
#ifndef STUDY_CHOOSE_H
#define STUDY_CHOOSE_H

#include "options/options.h"

struct study_choice { unsigned n; char first[256], list[600]; };
/* The one named, or the only one there is. NULL: said on stderr. Valid as long as choice. */
const char *study_choose(const struct options *options, const char *verb, struct study_choice *choice);

#endif
