#include "stand-in.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int32_t fail(jc_error *error, int32_t code, const char *format, ...);

// As a device does it: the copy may be under way when the call has ended, and is there at the latest when another one begins.
JC_API int32_t jc_term_create(jc_model *m, const float *weights, int32_t *id, jc_error *error) {
  size_t bytes = sizeof(float) * m->config.hidden;
  if (m->term_count == MOST_TERMS) return fail(error, JC_INVALID, "There are %d terms already.", MOST_TERMS);
  if (m->arriving) memcpy(m->terms[m->term_count - 1], m->arriving, bytes);
  else m->arriving = malloc(bytes);
  m->terms[m->term_count] = calloc(1, bytes);
  memcpy(m->arriving, weights, bytes);
  *id = m->term_count++;
  return JC_OK;
}

JC_API int32_t jc_term_destroy(jc_model *m, int32_t id, jc_error *error) {
  if (id < 0 || id >= m->term_count || !m->terms[id]) return fail(error, JC_INVALID, "There is no term %d.", id);
  free(m->terms[id]);
  m->terms[id] = NULL;
  if (id == m->term_count - 1) {
    free(m->arriving);
    m->arriving = NULL;
  }
  return JC_OK;
}

JC_API int32_t jc_session_create(jc_model *m, int32_t capacity, jc_session **session, jc_error *error) {
  uint64_t bytes = jc_rank_session_bytes(&m->config, m->ranks, capacity);
  if (settings[SET_LOST]) return fail(error, JC_DEVICE, "The device was lost.");
  if (!m->finished) return fail(error, JC_INVALID, "The model is not finished.");
  if (capacity < 1 || capacity > m->config.context) return fail(error, JC_INVALID, "No session has %d tokens.", capacity);
  if (!take_ranks(m, bytes)) return fail(error, JC_OUT_OF_MEMORY, "A session takes %llu bytes, %llu are free.",
                                       (unsigned long long)bytes, (unsigned long long)free_memory(m->devices[0]));
  jc_session *s = calloc(1, sizeof *s);
  size_t floats = (size_t)m->config.layers * capacity * m->config.kv_heads * m->config.head_dim;
  s->model = m;
  s->capacity = capacity;
  s->keys = malloc(sizeof(float) * floats);
  s->values = malloc(sizeof(float) * floats);
  s->next = m->sessions;
  m->sessions = s;
  *session = s;
  return JC_OK;
}

JC_API void jc_session_destroy(jc_session *s) {
  if (!s) return;
  jc_session **at = &s->model->sessions;
  while (*at != s) at = &(*at)->next;
  *at = s->next;
  give_ranks(s->model, jc_rank_session_bytes(&s->model->config, s->model->ranks, s->capacity));
  free(s->keys);
  free(s->values);
  free(s->kept);
  free(s);
}

static int32_t favourite(const float *logits, int32_t count) {
  int32_t best = 0;
  for (int32_t id = 1; id < count; id++) if (logits[id] > logits[best]) best = id;
  return best;
}

/* What a row's logits say, into the arrays of `o`, at row r. */
static void tell(const jc_model *m, const row_state *row, const jc_outputs *o, int64_t r, int32_t next) {
  int32_t count = m->config.tokens, hidden = m->config.hidden;
  int32_t best = row->logits ? favourite(row->logits, count) : 0;
  double sum = 0, weighted = 0;
  for (int32_t id = 0; row->logits && id < count; id++) {
    double power = exp((double)row->logits[id] - row->logits[best]);
    sum += power;
    weighted += power * ((double)row->logits[id] - row->logits[best]);
  }
  float total = row->logits ? (float)(row->logits[best] + log(sum)) : 0;
  if (o->argmax) o->argmax[r] = best;
  if (o->chosen) o->chosen[r] = next >= 0 ? row->logits[next] - total : 0;
  if (o->log_sum_exp) o->log_sum_exp[r] = total;
  if (o->entropy) o->entropy[r] = (float)(log(sum) - weighted / sum);
  for (int32_t i = 0; i < o->top; i++) {
    int32_t *ids = o->top_ids + r * o->top, pick = -1;
    for (int32_t id = 0; id < count; id++) {
      int taken = 0;
      for (int32_t j = 0; j < i; j++) taken |= ids[j] == id;
      if (!taken && (pick < 0 || row->logits[id] > row->logits[pick])) pick = id;
    }
    ids[i] = pick;
    o->top_log_probs[r * o->top + i] = row->logits[pick] - total;
  }
  for (int32_t t = 0; t < o->term_count; t++) {
    const float *weights = m->terms[o->terms[t].id], *state = row->pre_norm;
    if (o->terms[t].state == 1) state = row->post_norm;
    if (o->terms[t].state > 1) state = row->layers + (int64_t)(o->layers[o->terms[t].state - 2] - 1) * hidden;
    double dot = 0;
    for (int32_t i = 0; i < hidden; i++) dot += (double)weights[i] * state[i];
    o->judge[r * o->term_count + t] = (float)dot;
  }
  if (o->pre_norm) memcpy(o->pre_norm + r * hidden, row->pre_norm, sizeof(float) * hidden);
  if (o->post_norm) memcpy(o->post_norm + r * hidden, row->post_norm, sizeof(float) * hidden);
  for (int32_t i = 0; o->layer_states && i < o->layer_count; i++)
    memcpy(o->layer_states + (r * o->layer_count + i) * hidden, row->layers + (int64_t)(o->layers[i] - 1) * hidden,
           sizeof(float) * hidden);
  if (o->logits) memcpy(o->logits + r * count, row->logits, sizeof(float) * count);
}

static int32_t check(const jc_model *m, const jc_pass *pass, int32_t rows, jc_error *error) {
  if (settings[SET_LOST]) return fail(error, JC_DEVICE, "The device was lost.");
  if (!m->finished) return fail(error, JC_INVALID, "The model is not finished.");
  if (pass->session->model != m) return fail(error, JC_INVALID, "A session of another model.");
  if (pass->count < 1 || pass->start < 0 || pass->start + rows > pass->session->capacity)
    return fail(error, JC_INVALID, "Rows %d to %d do not fit a session of %d.", pass->start, pass->start + rows,
                pass->session->capacity);
  for (int32_t i = 0; i < pass->count; i++)
    if (pass->tokens[i] < 0 || pass->tokens[i] >= m->config.tokens) return fail(error, JC_INVALID, "No token %d.", pass->tokens[i]);
  return JC_OK;
}

typedef struct work { float *memory, *scratch; row_state row; } work;

static work work_for(const jc_model_config *c) {
  work w;
  w.memory = malloc(sizeof(float) * (scratch_floats(c) + (2 + (size_t)c->layers) * c->hidden + c->vocab_rows));
  w.row.pre_norm = w.memory;
  w.row.post_norm = w.memory + c->hidden;
  w.row.layers = w.memory + 2 * (size_t)c->hidden;
  w.row.logits = w.row.layers + (size_t)c->layers * c->hidden;
  w.scratch = w.row.logits + c->vocab_rows;
  return w;
}

/* Waits as a device would, and looks at the flag. */
static int given_up(const volatile int32_t *abort) {
  if (settings[SET_ROW_MICROSECONDS] > 0) usleep((useconds_t)settings[SET_ROW_MICROSECONDS]);
  return abort && *abort;
}

/* Whether this is the pass or draft in which the device is to be lost. */
static int lost_now(void) {
  if (settings[SET_FAIL_FORWARD] < 0 || settings[SET_FAIL_FORWARD]-- > 0) return 0;
  settings[SET_LOST] = 1;
  return 1;
}

JC_API int32_t jc_forward(jc_model *m, const jc_pass *passes, int32_t pass_count, const jc_outputs *o,
                          const volatile int32_t *abort, jc_error *error) {
  for (int32_t p = 0; p < pass_count; p++) {
    int32_t code = check(m, &passes[p], passes[p].count, error);
    if (code) return code;
  }
  if (lost_now()) return fail(error, JC_DEVICE, "The device was lost in a pass.");
  work w = work_for(&m->config);
  int64_t r = 0;
  for (int32_t p = 0; p < pass_count; p++) {
    const jc_pass *pass = &passes[p];
    for (int32_t i = 0; i < pass->count; i++, r++) {
      if (given_up(abort)) {
        free(w.memory);
        return fail(error, JC_ABORTED, "The pass was given up.");
      }
      decode_row(pass->session, pass->tokens[i], pass->start + i, &w.row, w.scratch);
      tell(m, &w.row, o, r, i + 1 < pass->count ? pass->tokens[i + 1] : -1);
    }
  }
  free(w.memory);
  return JC_OK;
}

/* A pass whose logits are always made, and the round decided from them. */
JC_API int32_t jc_verify_round(jc_model *m, const jc_pass *pass, const jc_outputs *o, jc_verify *v,
                               const volatile int32_t *abort, jc_error *error) {
  jc_outputs all = *o;
  if (!o->logits) all.logits = malloc(sizeof(float) * pass->count * m->config.tokens);
  int32_t code = jc_forward(m, pass, 1, &all, abort, error);
  if (code == JC_OK) code = decide(m, pass, v, all.logits, error);
  if (!o->logits) free(all.logits);
  return code;
}

JC_API int32_t jc_propose_draft(jc_model *m, const jc_pass *pass, jc_propose *q, const volatile int32_t *abort,
                                 jc_error *error) {
  int32_t code = check(m, pass, pass->count + q->count - 1, error);
  if (code) return code;
  if (lost_now()) return fail(error, JC_DEVICE, "The device was lost in a draft.");
  work w = work_for(&m->config);
  int32_t position = pass->start, count = m->config.tokens, token = 0;
  for (int32_t i = 0; i < pass->count; i++) decode_row(pass->session, pass->tokens[i], position++, &w.row, w.scratch);
  if (q->shaping) pass->session->kept_rows = 0;
  for (q->drafted_count = 0;;) {
    if (given_up(abort)) {
      free(w.memory);
      return fail(error, JC_ABORTED, "The draft was given up.");
    }
    token = q->shaping ? drawn_token(pass->session, q, w.row.logits) : favourite(w.row.logits, count);
    if (token < 0) {
      free(w.memory);
      return fail(error, JC_INVALID, "Expected a row with a finite largest score.");
    }
    q->drafted[q->drafted_count] = token;
    if (q->logits) memcpy(q->logits + (int64_t)q->drafted_count * count, w.row.logits, sizeof(float) * count);
    q->drafted_count++;
    int ended = q->drafted_count == q->count;
    for (int32_t i = 0; i < q->end_token_count; i++) ended |= q->end_tokens[i] == token;
    if (ended) break;
    decode_row(pass->session, token, position++, &w.row, w.scratch);
  }
  free(w.memory);
  return JC_OK;
}

static void run_call(void *owner, jc_call *call) {
  jc_model *m = (jc_model *)owner;
  switch (call->kind) {
    case JC_CALL_FORWARD:
      call->code = jc_forward(m, call->passes, call->pass_count, call->outputs, call->abort, call->error);
      break;
    case JC_CALL_PROPOSE:
      call->code = jc_propose_draft(m, call->passes, call->propose, call->abort, call->error);
      break;
    default:
      call->code = jc_verify_round(m, call->passes, call->outputs, call->verify, call->abort, call->error);
  }
  call->gpu_nanoseconds = 0;
}

JC_API int32_t jc_start(jc_model *m, jc_call *call, jc_error *error) {
  if (!m->runner.alive && runner_begin(&m->runner, run_call, m)) return fail(error, JC_OUT_OF_MEMORY, "No thread.");
  return runner_start(&m->runner, call) ? JC_OK : fail(error, JC_INVALID, "Too many calls.");
}

JC_API void jc_wait(jc_model *m, jc_call *call) { runner_wait(&m->runner, call); }

/* There is no link here to measure. */
JC_API int32_t jc_measure_all_reduce(jc_model *m, int32_t rows, double *microseconds, jc_error *error) {
  (void)error;
  *microseconds = m->ranks + rows / 10.0;
  return JC_OK;
}

JC_API int32_t jc_debug_residual(jc_model *m, int32_t rank, int32_t rows, float *residual, jc_error *error) {
  (void)m, (void)rank, (void)rows, (void)residual;
  return fail(error, JC_UNSUPPORTED, "The stand-in keeps no residual stream.");
}

JC_API int32_t jc_debug_mute(jc_model *m, int32_t rank, jc_error *error) {
  (void)m, (void)rank;
  return fail(error, JC_UNSUPPORTED, "The stand-in's ranks do not talk.");
}

JC_API int32_t jc_debug_packed(jc_model *m, int32_t tensor, int32_t layer, void *packed, uint64_t *bytes, jc_error *error) {
  (void)m, (void)tensor, (void)layer, (void)packed, (void)bytes;
  return fail(error, JC_UNSUPPORTED, "The stand-in does not pack.");
}
