/* The table of formats: the first whose probe says yes names the line. */
#include "format.h"

#include <stddef.h>
#include <string.h>

#define FORMATS(X) \
    X(mllog) X(optuna) X(hf_trainer) X(jsonl) X(deepspeed) X(dllogger) X(nemo) X(fairseq) X(marian) X(opennmt) \
    X(kaldi) X(composer) X(jax) X(torchtitan) X(litgpt) X(nanochat) X(espnet) X(speechbrain) X(yolox) X(paddle) \
    X(mmengine) X(detectron2) X(dl4j) X(lbfgsb) X(fasttext) X(flair) X(darknet) X(caffe) X(mxnet) X(timm) X(estimator) \
    X(crf) X(megatron) X(nanogpt) X(keras) X(xgboost) X(bar) X(table) X(text)

#define X(name) extern const struct format format_##name;
FORMATS(X)
#undef X

static const struct format *const formats[] = {
#define X(name) &format_##name,
    FORMATS(X)
#undef X
};

size_t reader_format_count(void) { return sizeof formats / sizeof *formats; }
struct format_card reader_format(size_t i) { return formats[i]->card; }
size_t format_of_tables(void) { return reader_format_count() - 2; }
const struct format *format_at(size_t i) { return formats[i]; }

/* ASCII punctuation, without a look at the locale for each byte. */
static bool is_sign(char c) { return (unsigned)(c - '!') < 94 && (unsigned)((c | 0x20) - 'a') > 25 && (unsigned)(c - '0') > 9; }

/* By its rarest byte, a sign of punctuation where it has one: memchr is many times faster than memmem. */
bool text_has(const char *text, size_t length, const char *what)
{
    size_t n = strlen(what), anchor = 0;
    for (size_t i = n; i--;)
        if (is_sign(what[i])) anchor = i;
    if (length < n) return false;
    const char *end = text + length - n + 1 + anchor;
    for (const char *at = text + anchor; (at = memchr(at, what[anchor], (size_t)(end - at))); at++)
        if (at[-(ptrdiff_t)anchor] == *what && !memcmp(at - anchor, what, n)) return true;
    return false;
}

size_t format_of(const char *text, size_t length)
{
    size_t i = 0;
    while (i + 1 < reader_format_count() && !formats[i]->probe(text, length)) i++;
    return i;
}
