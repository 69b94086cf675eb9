#include "metric.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* One row: a word of the name, and what it says. The first row that matches counts. Words are runs of letters and digits, so that
 * "lr" is found in "train/lr" and "lr0" but not in "colruyt"; a row that starts with '~' matches anywhere inside the name, one that starts
 * with '=' only the whole. */
static const struct row { const char *word; enum metric_kind kind; enum metric_goal goal; } rows[] = {
    {"~exploration", METRIC_OTHER, GOAL_NONE}, {"mfu", METRIC_OTHER, GOAL_NONE}, {"std", METRIC_OTHER, GOAL_NONE}, {"~decimal_place", METRIC_OTHER, GOAL_NONE}, {"~success", METRIC_SCORE, GOAL_MAX}, {"~dropout", METRIC_OTHER, GOAL_NONE},
    {"~rewards/chosen", METRIC_SCORE, GOAL_NONE}, {"~rewards/rejected", METRIC_SCORE, GOAL_NONE},
    {"~win rate", METRIC_SCORE, GOAL_MAX}, {"~hit rate", METRIC_SCORE, GOAL_MAX}, {"~error_rate", METRIC_SCORE, GOAL_MIN}, {"~error rate", METRIC_SCORE, GOAL_MIN},
    {"rew", METRIC_SCORE, GOAL_MAX}, {"~reward", METRIC_SCORE, GOAL_MAX},
    {"lr", METRIC_RATE, GOAL_NONE}, {"~learning_rate", METRIC_RATE, GOAL_NONE}, {"~learning rate", METRIC_RATE, GOAL_NONE},
    {"~learningrate", METRIC_RATE, GOAL_NONE}, {"~learn_rate", METRIC_RATE, GOAL_NONE}, {"~learnrate", METRIC_RATE, GOAL_NONE}, {"lrate", METRIC_RATE, GOAL_NONE},
    {"lrm", METRIC_RATE, GOAL_NONE}, {"lr_mul", METRIC_RATE, GOAL_NONE}, {"rate", METRIC_RATE, GOAL_NONE}, {"stepsize", METRIC_RATE, GOAL_NONE},
    {"took", METRIC_OTHER, GOAL_NONE}, {"~time", METRIC_OTHER, GOAL_NONE}, {"~sec", METRIC_OTHER, GOAL_NONE}, {"~throughput", METRIC_OTHER, GOAL_NONE},
    {"~speed", METRIC_OTHER, GOAL_NONE}, {"~batch_cost", METRIC_OTHER, GOAL_NONE}, {"~reader_cost", METRIC_OTHER, GOAL_NONE}, {"~reader cost", METRIC_OTHER, GOAL_NONE}, {"~data_cost", METRIC_OTHER, GOAL_NONE}, {"~runtime", METRIC_OTHER, GOAL_NONE}, {"~memory", METRIC_OTHER, GOAL_NONE}, {"~duration", METRIC_OTHER, GOAL_NONE},
    {"mem", METRIC_OTHER, GOAL_NONE}, {"~loss_scale", METRIC_OTHER, GOAL_NONE}, {"~loss scale", METRIC_OTHER, GOAL_NONE},
    {"~lossscale", METRIC_OTHER, GOAL_NONE}, {"~loss_weight", METRIC_OTHER, GOAL_NONE}, {"~loss weight", METRIC_OTHER, GOAL_NONE},
    {"ppl", METRIC_SCORE, GOAL_MIN}, {"pplx", METRIC_SCORE, GOAL_MIN}, {"~entropy_loss", METRIC_TRAIN_LOSS, GOAL_MIN}, {"~loss", METRIC_TRAIN_LOSS, GOAL_MIN},
    {"reg", METRIC_OTHER, GOAL_NONE}, {"clip", METRIC_OTHER, GOAL_NONE}, /* l2_reg; loss_rpn_box_reg is a loss */
    {"gradients", METRIC_OTHER, GOAL_NONE}, {"~gradient_accumulation", METRIC_OTHER, GOAL_NONE}, {"~grad", METRIC_SCORE, GOAL_NONE}, {"norm", METRIC_OTHER, GOAL_NONE},
    {"~scale", METRIC_OTHER, GOAL_NONE}, {"~entropy_coef", METRIC_OTHER, GOAL_NONE},
    {"trl", METRIC_TRAIN_LOSS, GOAL_MIN}, {"tel", METRIC_EVAL_LOSS, GOAL_MIN}, {"~recon", METRIC_TRAIN_LOSS, GOAL_MIN},
    {"since last", METRIC_TRAIN_LOSS, GOAL_MIN}, {"~chrf", METRIC_SCORE, GOAL_MAX}, {"like", METRIC_SCORE, GOAL_MAX},
    {"~neg_log", METRIC_TRAIN_LOSS, GOAL_MIN}, {"~negative log", METRIC_TRAIN_LOSS, GOAL_MIN}, {"~likelihood", METRIC_SCORE, GOAL_MAX}, {"~loglik", METRIC_SCORE, GOAL_MAX}, {"logprob", METRIC_SCORE, GOAL_MAX}, {"~log prob", METRIC_SCORE, GOAL_MAX},
    {"~ep_len", METRIC_SCORE, GOAL_MAX}, {"~episode length", METRIC_SCORE, GOAL_MAX}, {"~episode_len", METRIC_SCORE, GOAL_MAX}, {"~eplen", METRIC_SCORE, GOAL_MAX},
    {"ll", METRIC_SCORE, GOAL_MAX}, {"bcer", METRIC_SCORE, GOAL_MIN}, {"bwer", METRIC_SCORE, GOAL_MIN}, {"rms", METRIC_TRAIN_LOSS, GOAL_MIN},
    {"~perplexity", METRIC_SCORE, GOAL_MIN}, {"~_ppl", METRIC_SCORE, GOAL_MIN},
    {"~accuracy", METRIC_SCORE, GOAL_MAX}, {"acc", METRIC_SCORE, GOAL_MAX}, {"accu", METRIC_SCORE, GOAL_MAX}, {"~_acc", METRIC_SCORE, GOAL_MAX}, {"~prec", METRIC_SCORE, GOAL_MAX},
    {"~recall", METRIC_SCORE, GOAL_MAX}, {"~bleu", METRIC_SCORE, GOAL_MAX}, {"~rouge", METRIC_SCORE, GOAL_MAX},
    {"~auc", METRIC_SCORE, GOAL_MAX}, {"~f1", METRIC_SCORE, GOAL_MAX}, {"~fscore", METRIC_SCORE, GOAL_MAX}, {"map", METRIC_SCORE, GOAL_MAX}, {"~map50", METRIC_SCORE, GOAL_MAX},
    {"~rew_mean", METRIC_SCORE, GOAL_MAX}, {"~return", METRIC_SCORE, GOAL_MAX},
    {"~score", METRIC_SCORE, GOAL_MAX}, {"iou", METRIC_SCORE, GOAL_MAX}, {"miou", METRIC_SCORE, GOAL_MAX}, {"~dice", METRIC_SCORE, GOAL_MAX},
    {"r2", METRIC_SCORE, GOAL_MAX}, {"psnr", METRIC_SCORE, GOAL_MAX}, {"ssim", METRIC_SCORE, GOAL_MAX}, {"~top1", METRIC_SCORE, GOAL_MAX},
    {"~top5", METRIC_SCORE, GOAL_MAX}, {"top", METRIC_SCORE, GOAL_MAX}, {"~ndcg", METRIC_SCORE, GOAL_MAX}, {"mrr", METRIC_SCORE, GOAL_MAX}, {"~hits@", METRIC_SCORE, GOAL_MAX}, {"~hr@", METRIC_SCORE, GOAL_MAX}, {"ap", METRIC_SCORE, GOAL_MAX},
    {"mcc", METRIC_SCORE, GOAL_MAX}, {"~kappa", METRIC_SCORE, GOAL_MAX}, {"~pearson", METRIC_SCORE, GOAL_MAX}, {"~spearman", METRIC_SCORE, GOAL_MAX}, {"~exact_match", METRIC_SCORE, GOAL_MAX},
    {"metric", METRIC_SCORE, GOAL_NONE}, {"~fitness", METRIC_SCORE, GOAL_MAX}, {"=correct", METRIC_SCORE, GOAL_MAX}, {"~hellaswag", METRIC_SCORE, GOAL_MAX}, {"hella", METRIC_SCORE, GOAL_MAX},
    {"~specificity", METRIC_SCORE, GOAL_MAX}, {"~sensitivity", METRIC_SCORE, GOAL_MAX}, {"auroc", METRIC_SCORE, GOAL_MAX}, {"auprc", METRIC_SCORE, GOAL_MAX}, {"aupr", METRIC_SCORE, GOAL_MAX},
    {"~jaccard", METRIC_SCORE, GOAL_MAX}, {"~meteor", METRIC_SCORE, GOAL_MAX}, {"cider", METRIC_SCORE, GOAL_MAX}, {"nmi", METRIC_SCORE, GOAL_MAX}, {"ari", METRIC_SCORE, GOAL_MAX},
    {"hits", METRIC_SCORE, GOAL_MAX}, {"hit", METRIC_SCORE, GOAL_MAX}, {"rank1", METRIC_SCORE, GOAL_MAX}, {"=r@1", METRIC_SCORE, GOAL_MAX}, {"=r@5", METRIC_SCORE, GOAL_MAX}, {"=r@10", METRIC_SCORE, GOAL_MAX}, {"pck", METRIC_SCORE, GOAL_MAX}, {"pckh", METRIC_SCORE, GOAL_MAX}, {"sdr", METRIC_SCORE, GOAL_MAX},
    {"sdri", METRIC_SCORE, GOAL_MAX}, {"stoi", METRIC_SCORE, GOAL_MAX}, {"pesq", METRIC_SCORE, GOAL_MAX}, {"elo", METRIC_SCORE, GOAL_MAX}, {"~correlation", METRIC_SCORE, GOAL_MAX},
    {"lpips", METRIC_SCORE, GOAL_MIN}, {"~mpjpe", METRIC_SCORE, GOAL_MIN}, {"epe", METRIC_SCORE, GOAL_MIN}, {"ade", METRIC_SCORE, GOAL_MIN}, {"fde", METRIC_SCORE, GOAL_MIN}, {"~chamfer", METRIC_SCORE, GOAL_MIN}, {"~hausdorff", METRIC_SCORE, GOAL_MIN}, {"kid", METRIC_SCORE, GOAL_MIN}, {"fvd", METRIC_SCORE, GOAL_MIN},
    {"mcd", METRIC_SCORE, GOAL_MIN}, {"der", METRIC_SCORE, GOAL_MIN}, {"~abs_rel", METRIC_SCORE, GOAL_MIN}, {"~sq_rel", METRIC_SCORE, GOAL_MIN}, {"silog", METRIC_SCORE, GOAL_MIN}, {"~medr", METRIC_SCORE, GOAL_MIN}, {"~smape", METRIC_TRAIN_LOSS, GOAL_MIN},
    {"wer", METRIC_SCORE, GOAL_MIN},
    {"cer", METRIC_SCORE, GOAL_MIN}, {"fid", METRIC_SCORE, GOAL_MIN}, {"~fid50k", METRIC_SCORE, GOAL_MIN}, {"eer", METRIC_SCORE, GOAL_MIN}, {"~mean squared error", METRIC_TRAIN_LOSS, GOAL_MIN},
    {"~mean_squared_error", METRIC_TRAIN_LOSS, GOAL_MIN}, {"~mean_absolute", METRIC_TRAIN_LOSS, GOAL_MIN}, {"~error", METRIC_SCORE, GOAL_MIN},
    {"~nll", METRIC_TRAIN_LOSS, GOAL_MIN}, {"~nelbo", METRIC_TRAIN_LOSS, GOAL_MIN}, {"~elbo", METRIC_TRAIN_LOSS, GOAL_MAX}, {"~cross_entropy", METRIC_TRAIN_LOSS, GOAL_MIN}, {"~cross entropy", METRIC_TRAIN_LOSS, GOAL_MIN},
    {"~cross-entropy", METRIC_TRAIN_LOSS, GOAL_MIN}, {"~crossentropy", METRIC_TRAIN_LOSS, GOAL_MIN}, {"~xent", METRIC_TRAIN_LOSS, GOAL_MIN}, {"~entropy", METRIC_OTHER, GOAL_NONE},
    {"ce", METRIC_TRAIN_LOSS, GOAL_MIN}, {"bce", METRIC_TRAIN_LOSS, GOAL_MIN}, {"bpb", METRIC_TRAIN_LOSS, GOAL_MIN},
    {"bpc", METRIC_TRAIN_LOSS, GOAL_MIN}, {"bpd", METRIC_TRAIN_LOSS, GOAL_MIN}, {"~logloss", METRIC_TRAIN_LOSS, GOAL_MIN}, {"mlogloss", METRIC_TRAIN_LOSS, GOAL_MIN},
    {"~rmse", METRIC_TRAIN_LOSS, GOAL_MIN}, {"mse", METRIC_TRAIN_LOSS, GOAL_MIN}, {"mae", METRIC_TRAIN_LOSS, GOAL_MIN}, {"mape", METRIC_TRAIN_LOSS, GOAL_MIN}, {"~deviance", METRIC_TRAIN_LOSS, GOAL_MIN},
    {"l1", METRIC_TRAIN_LOSS, GOAL_MIN}, {"l2", METRIC_TRAIN_LOSS, GOAL_MIN}, {"~objective", METRIC_TRAIN_LOSS, GOAL_MIN}, {"obj", METRIC_TRAIN_LOSS, GOAL_MIN},
    {"~objf", METRIC_TRAIN_LOSS, GOAL_MIN}, {"cost", METRIC_TRAIN_LOSS, GOAL_MIN}, {"costs", METRIC_TRAIN_LOSS, GOAL_MIN}, {"err", METRIC_SCORE, GOAL_MIN}, {"errs", METRIC_SCORE, GOAL_MIN},
    {"gan", METRIC_TRAIN_LOSS, GOAL_MIN}, {"=d", METRIC_TRAIN_LOSS, GOAL_MIN}, {"=gen", METRIC_TRAIN_LOSS, GOAL_MIN}, {"=disc", METRIC_TRAIN_LOSS, GOAL_MIN}, {"=g", METRIC_TRAIN_LOSS, GOAL_MIN}, {"=g_b", METRIC_TRAIN_LOSS, GOAL_MIN},
    {"=cycle_a", METRIC_TRAIN_LOSS, GOAL_MIN}, {"=cycle_b", METRIC_TRAIN_LOSS, GOAL_MIN}, {"=idt_a", METRIC_TRAIN_LOSS, GOAL_MIN}, {"=idt_b", METRIC_TRAIN_LOSS, GOAL_MIN}, {"kld", METRIC_TRAIN_LOSS, GOAL_MIN},
    {"=avg", METRIC_TRAIN_LOSS, GOAL_MIN}, {"=value", METRIC_TRAIN_LOSS, GOAL_MIN}, {"=policy", METRIC_TRAIN_LOSS, GOAL_MIN},
    {"~损失", METRIC_TRAIN_LOSS, GOAL_MIN}, {"~損失", METRIC_TRAIN_LOSS, GOAL_MIN}, {"~손실", METRIC_TRAIN_LOSS, GOAL_MIN}, {"~отери", METRIC_TRAIN_LOSS, GOAL_MIN},
    {"~pérdida", METRIC_TRAIN_LOSS, GOAL_MIN}, {"perda", METRIC_TRAIN_LOSS, GOAL_MIN}, {"perte", METRIC_TRAIN_LOSS, GOAL_MIN}, {"perdita", METRIC_TRAIN_LOSS, GOAL_MIN}, {"verlust", METRIC_TRAIN_LOSS, GOAL_MIN},
    {"~准确率", METRIC_SCORE, GOAL_MAX}, {"~正确率", METRIC_SCORE, GOAL_MAX}, {"~精度", METRIC_SCORE, GOAL_MAX}, {"~정확도", METRIC_SCORE, GOAL_MAX}, {"~очность", METRIC_SCORE, GOAL_MAX},
    {"~acurácia", METRIC_SCORE, GOAL_MAX}, {"~exactitud", METRIC_SCORE, GOAL_MAX}, {"genauigkeit", METRIC_SCORE, GOAL_MAX},
};

/* Words that begin with one of these and end with what is measured ("valloss") say it too. */
static const char *const evaluation[] = {"eval", "evaluation", "val", "valid", "validation", "vali", "validate", "test", "testing", "tst", "dev", "heldout", "holdout", "crossval", "cv", "oob", "te", "va", "testset", "valset", "devset", "evalset",
                                         "validación", "validação", "validierung", "validazione", "验证", "验证集", "测试", "测试集", "検証", "검증", "валидации", "валидация"};
static const char *const measured[] = {"loss", "acc", "accuracy", "err", "error", "ppl", "perplexity", "auc", "score", "rmse", "mse", "mae", "nll", "deviance"};

/* What a name ends with that sets how a run goes, whatever of: val_loss_every, l1_weight, iou_thresh. */
static const char *const settings[] = {"every", "interval", "freq", "frequency", "patience", "weight", "weights", "coef", "coeff", "coefficient", "lambda", "alpha", "threshold", "thresh", "thr", "window", "size", "resolution",
                                       "width", "height", "seed", "type", "factor", "scale", "steps", "epochs", "iters"};

/* Halves of names that only say together what they are: G_adv, D-real, gen/l1, cls_D, rpn_box. */
static const char *const networks[] = {"g", "d", "gen", "dis", "disc", "generator", "discriminator", "critic", "netG", "netD", "rpn", "rcnn"};
static const char *const parts[] = {"adv", "real", "fake", "gan", "rec", "cyc", "cycle", "idt", "identity", "cls", "class", "l1", "l2", "lp", "vgg", "feat", "fm", "gp", "pixel", "pix", "perceptual", "content", "style", "tv", "hinge",
                                    "kl", "mel", "global", "local", "cond", "uncond", "src", "sf", "box", "bbox", "reg", "obj", "mask", "a", "b"};
static const char *const adversaries[] = {"errG", "errD", "lossG", "lossD", "errG_A", "errD_real", "errD_fake"};

#define SIZE(table) (sizeof(table) / sizeof *(table))

/* A word may end where a capital begins ("valLoss") and where digits follow ("lr0"). */
static bool starts_word(const char *name, const char *at)
{
    return at == name || !isalnum((unsigned char)at[-1]) || (islower((unsigned char)at[-1]) && isupper((unsigned char)*at));
}

static bool ends_word(const char *end)
{
    if (!isalnum((unsigned char)*end)) return true;
    return (isdigit((unsigned char)*end) && isalpha((unsigned char)end[-1])) || (isupper((unsigned char)*end) && islower((unsigned char)end[-1]));
}

static bool has_word(const char *name, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = name; (at = strcasestr(at, word)); at++)
        if (starts_word(name, at) && ends_word(at + n)) return true;
    return false;
}

static bool matches(const char *name, const char *word)
{
    if (*word == '=') return !strcasecmp(name, word + 1);
    return *word == '~' ? strcasestr(name, word + 1) != NULL : has_word(name, word);
}

/* "valloss", "test_loss" without its underscore */
static bool has_glued(const char *name, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = name; (at = strcasestr(at, word)); at++)
        for (size_t i = 0; starts_word(name, at) && i < SIZE(measured); i++)
            if (!strncasecmp(at + n, measured[i], strlen(measured[i])) && ends_word(at + n + strlen(measured[i]))) return true;
    return false;
}

bool metric_is_evaluation(const char *name)
{
    if (!strncmp(name, "v_", 2) && strcmp(name, "v_num")) return true;
    for (size_t i = 0; i < SIZE(evaluation); i++)
        if (has_word(name, evaluation[i]) || has_glued(name, evaluation[i])) return true;
    return false;
}

bool metric_is_training(const char *name) { return has_word(name, "train") || has_word(name, "tr") || has_word(name, "training") || has_glued(name, "train"); }

static bool is_one_of(const char *word, size_t n, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(words[i]) == n && !strncasecmp(word, words[i], n)) return true;
    return false;
}

static bool is_setting(const char *name)
{
    size_t from = strlen(name);
    while (from && !strchr("_-/ .", name[from - 1])) from--;
    return from > 1 && is_one_of(name + from, strlen(name + from), settings, SIZE(settings));
}

/* A network and a part of its loss, in either order. */
static bool is_adversarial(const char *name)
{
    size_t n = strlen(name), cut = strcspn(name, "_-/ .");
    if (is_one_of(name, n, adversaries, SIZE(adversaries))) return true;
    if (cut + 1 >= n) return false;
    const char *rest = name + cut + 1;
    size_t left = n - cut - 1;
    return (is_one_of(name, cut, networks, SIZE(networks)) && is_one_of(rest, left, parts, SIZE(parts))) || (is_one_of(name, cut, parts, SIZE(parts)) && is_one_of(rest, left, networks, SIZE(networks)));
}

struct metric_meaning metric_meaning_of(const char *name)
{
    if (is_setting(name)) return (struct metric_meaning){METRIC_OTHER, GOAL_NONE};
    if (is_adversarial(name)) return (struct metric_meaning){METRIC_TRAIN_LOSS, GOAL_MIN};
    for (size_t i = 0; i < SIZE(rows); i++) {
        if (!matches(name, rows[i].word)) continue;
        enum metric_kind kind = rows[i].kind == METRIC_TRAIN_LOSS && metric_is_evaluation(name) ? METRIC_EVAL_LOSS : rows[i].kind;
        return (struct metric_meaning){kind, rows[i].goal};
    }
    if (!strncmp(name, "l_", 2)) return (struct metric_meaning){METRIC_TRAIN_LOSS, GOAL_MIN}; /* BasicSR: l_pix, l_g_fea */
    return (struct metric_meaning){METRIC_OTHER, GOAL_NONE};
}

bool metric_is_error(const char *name)
{
    static const char *const errors[] = {"mse", "rmse", "mae", "mape", "l1", "l2", "bpb", "bpc", "mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error", "root_mean_squared_error"};
    for (size_t i = 0; i < SIZE(errors); i++)
        if (has_word(name, errors[i])) return true;
    return false;
}

bool metric_name_is_text(const char *name)
{
    for (const unsigned char *c = (const unsigned char *)name; *c;) {
        size_t more = *c < 0x80 ? 0 : *c >= 0xc2 && *c < 0xe0 ? 1 : *c >= 0xe0 && *c < 0xf0 ? 2 : *c >= 0xf0 && *c < 0xf5 ? 3 : 9;
        if (more > 3 || *c < ' ' || *c == 0x7f) return false;
        for (c++; more; more--, c++)
            if ((*c & 0xc0) != 0x80) return false;
    }
    return true;
}

const char *metric_kind_text(enum metric_kind kind)
{
    static const char *const text[] = {"train_loss", "eval_loss", "metric", "lr", "other"};
    return text[kind];
}

const char *metric_goal_text(enum metric_goal goal)
{
    static const char *const text[] = {"none", "min", "max"};
    return text[goal];
}

bool metric_goal_parse(const char *text, enum metric_goal *goal)
{
    if (strcmp(text, "min") && strcmp(text, "max")) return false;
    *goal = strcmp(text, "min") ? GOAL_MAX : GOAL_MIN;
    return true;
}

int metric_rank(const char *name, struct metric_meaning meaning)
{
    if (meaning.goal == GOAL_NONE) return 0;
    switch (meaning.kind) {
    case METRIC_EVAL_LOSS: return 5;
    case METRIC_SCORE: return metric_is_evaluation(name) ? 4 : 2;
    case METRIC_TRAIN_LOSS: return !strcasecmp(name, "loss") || !strcasecmp(name, "train_loss") ? 4 - 1 : 2;
    default: return 0;
    }
}
