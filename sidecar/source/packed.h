/* packed: a finished log that was compressed with gzip or zstd, told by its first bytes, read front to back in fixed memory. */
#ifndef SOURCE_PACKED_H
#define SOURCE_PACKED_H

#include <sys/types.h>

struct packed;
/* fd stays the caller's; its offset is not used. NULL: not compressed, or out of memory. */
struct packed *packed_open(int fd);
/* How many bytes; 0: the end; -1: errno, EBADMSG where it is damaged or cut off. */
ssize_t packed_read(struct packed *packed, char *bytes, size_t size);
void packed_close(struct packed *packed);

#endif
