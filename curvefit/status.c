#include "curvefit.h"

const char *cf_status_text(cf_status status)
{
    switch (status) {
    case CF_OK: return "ok";
    case CF_EINVAL: return "an argument is out of its range";
    case CF_ENOMEM: return "out of memory";
    }
    return "unknown status";
}
