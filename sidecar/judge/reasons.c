#include "judge.h"

static const struct { const char *word, *sentence; } reasons[] = {
#define X(name, word, sentence) [name] = {word, sentence},
    VERDICT_REASONS(X)
#undef X
};

const char *verdict_reason_word(enum verdict_reason reason) { return reasons[reason].word; }
const char *verdict_reason_sentence(enum verdict_reason reason) { return reasons[reason].sentence; }
