#include "../check.h"
#include "protocol/json.h"
#include "session/service.h"

static json_t *read_text(const char *text)
{
    char error[160];
    return json_read_object(text, strlen(text), error, sizeof error);
}

TEST(pythons_nan_and_infinity_are_null_and_strings_are_left_alone)
{
    json_t *o = read_text("{\"a\": NaN, \"b\": [-Infinity, Infinity], \"c\": \"NaN \\\" Infinity\"}");
    double v;
    CHECK(o && json_number_at(o, "a", &v) && isnan(v));
    CHECK_STR(json_text_at(o, "c"), "NaN \" Infinity");
    CHECK_INT(json_array_size(json_object_get(o, "b")), 2);
    json_decref(o);
}

TEST(what_is_no_object_is_refused)
{
    static const char *const bad[] = {"", "[1]", "3", "{", "{\"a\":}", "nonsense", "{\"a\": nan nan}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) CHECK(!read_text(bad[i]));
}

static struct service *service(void)
{
    struct policy p = policy_defaults();
    return service_create(&p, NULL, NULL);
}

/* The value of key in the answer to one line; "" when nothing was answered. */
static const char *answer(struct service *s, const char *line, const char *key)
{
    static char text[128];
    json_t *o = service_line(s, line, strlen(line));
    snprintf(text, sizeof text, "%s", o && json_text_at(o, key) ? json_text_at(o, key) : "");
    json_decref(o);
    return text;
}

TEST(every_log_is_answered_once_and_bad_lines_change_nothing)
{
    struct service *s = service();
    CHECK_STR(answer(s, "{\"v\":1,\"event\":\"sweep\",\"study\":\"s\",\"metric\":\"q\",\"goal\":\"max\",\"trials\":2}", "event"), "");
    CHECK_STR(answer(s, "{\"v\":1,\"event\":\"start\",\"trial\":\"a\",\"horizon\":10}", "event"), "");
    CHECK_STR(answer(s, "{\"v\":1,\"event\":\"log\",\"trial\":\"a\",\"x\":1,\"values\":{\"q\":0.5}}", "verdict"), "continue");
    CHECK_STR(answer(s, "{\"v\":1,\"event\":\"log\",\"trial\":\"a\",\"x\":1}", "event"), "error");
    CHECK_STR(answer(s, "{\"v\":1,\"event\":\"log\",\"trial\":\"a\",\"x\":\"soon\",\"values\":{}}", "event"), "error");
    CHECK_STR(answer(s, "{\"v\":1,\"event\":\"log\",\"x\":1,\"values\":{}}", "event"), "error");
    CHECK_STR(answer(s, "{\"v\":1,\"event\":\"dance\",\"trial\":\"a\"}", "event"), "error");
    CHECK_STR(answer(s, "{\"v\":1}", "event"), "error");
    CHECK_STR(answer(s, "junk", "event"), "error");
    CHECK_STR(answer(s, "{\"v\":1,\"event\":\"end\",\"trial\":\"nobody\",\"status\":\"complete\"}", "event"), "error");
    CHECK_STR(answer(s, "{\"v\":1,\"event\":\"log\",\"trial\":\"a\",\"x\":2,\"values\":{\"q\":0.6}}", "reason"), "too-few-points");
    CHECK_STR(answer(s, "{\"v\":1,\"event\":\"end\",\"trial\":\"a\",\"status\":\"complete\"}", "event"), "");
    CHECK_STR(answer(s, "{\"v\":1,\"event\":\"idle\"}", "event"), "advice");
    service_destroy(s);
}

TEST(nan_stops_over_the_wire_and_stays_stopped)
{
    struct service *s = service();
    answer(s, "{\"event\":\"start\",\"trial\":\"a\",\"horizon\":10}", "event");
    CHECK_STR(answer(s, "{\"event\":\"log\",\"trial\":\"a\",\"x\":1,\"values\":{\"eval_loss\":NaN}}", "verdict"), "continue");
    CHECK_STR(answer(s, "{\"event\":\"log\",\"trial\":\"a\",\"x\":2,\"values\":{\"eval_loss\":NaN}}", "reason"), "diverged");
    CHECK_STR(answer(s, "{\"event\":\"log\",\"trial\":\"a\",\"x\":3,\"values\":{\"eval_loss\":1}}", "reason"), "stopped-before");
    service_destroy(s);
}

CHECK_MAIN
