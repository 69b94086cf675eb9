#include "format.h"

static bool probe(const char *text, size_t length)
{
    return length > 2 && *text == '[' && text[1] >= '0' && text[1] <= '9' && (text_has(text, length, "]\t"));
}

const struct format format_xgboost = {.card = {"boosting", "XGBoost, LightGBM, CatBoost rounds", "[10]\ttrain-rmse:0.2310\teval-rmse:0.2500"}, .probe = probe};
