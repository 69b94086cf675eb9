/* Any lines to a service: no crash, no leak. */
#include "session/service.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct policy policy = policy_defaults();
    struct service *s = service_create(&policy, NULL, NULL);
    const char *at = (const char *)data, *end = at + size;
    while (at < end) {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        size_t n = line ? (size_t)(line - at) : (size_t)(end - at);
        json_decref(service_line(s, at, n));
        at += n + 1;
    }
    service_destroy(s);
    return 0;
}
