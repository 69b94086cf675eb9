/* totals: what a study's trials cost and saved together. */
#ifndef TOTALS_H
#define TOTALS_H

#include "store/store.h"

struct totals {
    bool maximise;
    unsigned trials, stopped, complete;
    double run, planned, saved_seconds; /* run, planned: in full runs */
    double best;
    char best_name[64];                 /* "": none has finished */
};

void totals_add(struct totals *totals, const struct store_trial *trial);
/* In one sentence without a full stop; price NaN: not known. */
const char *totals_text(const struct totals *totals, double price, char *text, size_t size);

#endif
