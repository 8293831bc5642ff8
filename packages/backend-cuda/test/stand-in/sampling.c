/* Drawing as the engine does it, with plain loops. */
#include "stand-in.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int32_t fail(jc_error *error, int32_t code, const char *format, ...);

typedef struct likely {
  double p;
  int32_t id;
} likely;

static int by_probability(const void *left, const void *right) {
  const likely *a = left, *b = right;
  if (a->p != b->p) return a->p > b->p ? -1 : 1;
  return a->id < b->id ? -1 : 1;
}

static void cut(double *probs, int32_t count, const jc_shaping *s) {
  int32_t limited = s->top_k > 0 && s->top_k < count, positive = 0, keep;
  if (!limited && s->top_p == 1 && s->min_p == 0) return;
  likely *order = malloc(sizeof(likely) * count);
  for (int32_t id = 0; id < count; id++)
    if (probs[id] > 0) order[positive].p = probs[id], order[positive++].id = id;
  qsort(order, positive, sizeof(likely), by_probability);
  keep = limited && s->top_k < positive ? s->top_k : positive;
  if (s->top_p < 1) {
    double total = 0, reached = 0;
    int32_t n = 0;
    for (int32_t i = 0; i < keep; i++) total += order[i].p;
    while (n < keep && reached < s->top_p * total) reached += order[n++].p;
    keep = n > 1 ? n : 1;
  }
  while (keep > 1 && order[keep - 1].p < s->min_p * order[0].p) keep--;
  double kept = 0;
  for (int32_t i = 0; i < keep; i++) kept += order[i].p;
  memset(probs, 0, sizeof(double) * count);
  for (int32_t i = 0; i < keep; i++) probs[order[i].id] = order[i].p / kept;
  free(order);
}

/* Probabilities of a row; penalties see `drafted` behind the history. -1: no finite largest score; else the argmax. */
static int32_t shape(const float *logits, int32_t count, const jc_shaping *s, const int32_t *drafted, int32_t drafts,
                     double *probs) {
  int32_t *counts = calloc(2 * (size_t)count, sizeof(int32_t)), *repeated = counts + count, best = 0;
  for (int32_t id = 0; id < count; id++) probs[id] = logits[id];
  for (int32_t i = 0; i < s->change_count; i++) {
    probs[s->tokens[i]] += s->bias[i];
    counts[s->tokens[i]] = s->counts[i];
    repeated[s->tokens[i]] = s->repeated[i];
  }
  for (int32_t i = 0; i < drafts; i++) counts[drafted[i]]++, repeated[drafted[i]] = 1;
  for (int32_t id = 0; id < count; id++) {
    if (repeated[id]) probs[id] = probs[id] > 0 ? probs[id] / s->repetition : probs[id] * s->repetition;
    if (counts[id]) probs[id] -= s->presence + s->frequency * counts[id];
    if (probs[id] > probs[best]) best = id;
  }
  free(counts);
  double most = probs[best], sum = 0, temperature = s->temperature > 0 ? s->temperature : 1;
  if (!isfinite(most)) return -1;
  for (int32_t id = 0; id < count; id++) sum += probs[id] = exp((probs[id] - most) / temperature);
  for (int32_t id = 0; id < count; id++) probs[id] /= sum;
  if (s->temperature > 0) cut(probs, count, s);
  return best;
}

static int32_t draw(const double *weights, int32_t count, double uniform) {
  double total = 0, reached = 0;
  int32_t last = -1;
  for (int32_t id = 0; id < count; id++) total += weights[id];
  for (int32_t id = 0; id < count; id++) {
    if (weights[id] <= 0) continue;
    last = id;
    reached += weights[id];
    if (reached > uniform * total) break;
  }
  return last;
}

/* The next token of a sampled draft; `drafted` holds those before it. -1: garbage. */
int32_t drawn_token(jc_session *session, const jc_propose *q, const float *logits) {
  int32_t count = session->model->config.tokens, index = q->drafted_count;
  double *probs = malloc(sizeof(double) * count);
  int32_t token = shape(logits, count, q->shaping, q->drafted, index, probs);
  if (token >= 0 && q->shaping->temperature > 0) {
    token = draw(probs, count, q->uniforms[index]);
  } else if (token >= 0) {
    memset(probs, 0, sizeof(double) * count);
    probs[token] = 1;
  }
  if (q->probs) memcpy(q->probs + (int64_t)index * count, probs, sizeof(double) * count);
  if (q->keep) {
    session->kept = realloc(session->kept, sizeof(double) * count * (index + 1));
    memcpy(session->kept + (int64_t)index * count, probs, sizeof(double) * count);
    session->kept_rows = index + 1;
  }
  free(probs);
  return token;
}

JC_API int32_t jc_draft_probs(jc_model *m, const jc_session *session, int32_t rows, double *probs, jc_error *error) {
  if (rows < 1 || rows > session->kept_rows) return fail(error, JC_INVALID, "The draft kept %d rows.", session->kept_rows);
  memcpy(probs, session->kept, sizeof(double) * rows * m->config.tokens);
  return JC_OK;
}

/* Row after row from `logits`, [rows, tokens]. */
int32_t decide(const jc_model *m, const jc_pass *pass, jc_verify *v, const float *logits, jc_error *error) {
  int32_t count = m->config.tokens, rows = pass->count, drafted = rows - 1;
  const int32_t *draft = pass->tokens + 1;
  double *p = malloc(sizeof(double) * rows * count), *rest = malloc(sizeof(double) * count);
  const double *q = v->draft ? v->draft->kept : v->draft_probs;
  int32_t code = JC_OK;
  for (int32_t row = 0; row < rows; row++) {
    v->argmax[row] = shape(logits + (int64_t)row * count, count, v->shaping, draft, row, p + (int64_t)row * count);
    if (v->argmax[row] < 0) code = fail(error, JC_INVALID, "Expected a row with a finite largest score.");
    if (row < drafted) v->chosen[row] = log(p[(int64_t)row * count + draft[row]]);
  }
#define P(row, id) p[(int64_t)(row) * count + (id)]
#define Q(row, id) (q ? q[(int64_t)(row) * count + (id)] : (id) == draft[row] ? 1.0 : 0.0)
#define REST(row, w) \
  for (int32_t id = 0; id < count; id++) rest[id] = fmax(0.0, (w) * P(row, id) - Q(row, id))
#define RECOVERED(row, w) \
  REST(row, w); \
  token = draw(rest, count, v->recover[row]); \
  if (token < 0) token = draw(p + (int64_t)(row) * count, count, v->recover[row])
  int32_t token = 0, kept = 0;
  double weight = 1, at_end = 1;
  if (code == JC_OK && v->law == JC_BLOCK) {
    for (int32_t i = 1; i <= drafted; i++) {
      weight = fmin(1.0, weight * P(i - 1, draft[i - 1]) / Q(i - 1, draft[i - 1]));
      double keep = weight, left = 0;
      if (i < drafted) {
        REST(i, weight);
        for (int32_t id = 0; id < count; id++) left += rest[id];
        keep = weight == 1 && left == 0 ? 1 : left / (left + 1 - weight);
      }
      if (v->accept[i - 1] < keep) kept = i, at_end = weight;
    }
    v->bonus = 0;
    for (int32_t i = 0; i < drafted; i++) v->accepted[i] = i < kept, v->recovered[i] = 0;
    if (kept == drafted) {
      v->bonus = draw(p + (int64_t)drafted * count, count, v->bonus_uniform);
    } else {
      RECOVERED(kept, at_end);
      v->recovered[kept] = token;
    }
  } else if (code == JC_OK) {
    for (int32_t i = 0; i < drafted; i++) {
      if (v->law == JC_EXACT) {
        v->recovered[i] = v->argmax[i];
        v->accepted[i] = draft[i] == v->argmax[i];
        continue;
      }
      v->accepted[i] = v->accept[i] * v->lenience * Q(i, draft[i]) < P(i, draft[i]);
      RECOVERED(i, 1.0);
      v->recovered[i] = token;
    }
    v->bonus = v->law == JC_EXACT ? v->argmax[drafted] : draw(p + (int64_t)drafted * count, count, v->bonus_uniform);
  }
  free(rest);
  free(p);
  return code;
}
