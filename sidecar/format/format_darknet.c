#include "format.h"

#include <string.h>

static bool probe(const char *text, size_t length)
{
    return text_has(text, length, "Avg IOU") || text_has(text, length, "Region ") || (text_has(text, length, " rate, ") && text_has(text, length, " images"));
}

/* Of a detector's Region lines: how sure it is where something is, where nothing is, and of what it is. */
static bool meaning(const char *name, double first, struct metric_meaning *meaning)
{
    bool nothing = !strcmp(name, "No Obj");
    (void)first;
    if (!nothing && strcmp(name, "Obj") && strcmp(name, "Class")) return false;
    *meaning = (struct metric_meaning){METRIC_SCORE, nothing ? GOAL_MIN : GOAL_MAX};
    return true;
}

const struct format format_darknet = {.card = {"darknet", "Darknet (YOLO)", "100: 26.153055, 13.849990 avg loss, 0.001000 rate, 1.2 seconds, 6400 images"}, .probe = probe, .meaning = meaning};
