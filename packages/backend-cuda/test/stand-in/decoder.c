#include "stand-in.h"

#include <math.h>
#include <string.h>

static float *tensor(const jc_model *m, int32_t role, int32_t layer) { return m->tensors[role][layer]; }

/* out = W x + bias. Each rank computes its part of the rows; where its part is columns, the sums of all ranks are added up in bf16. */
static void linear(const jc_model *m, int32_t role, int32_t layer, const float *bias, const float *x, float *out) {
  const float *w = tensor(m, role, layer);
  int64_t rows, cols;
  int32_t layers;
  tensor_shape(&m->config, role, &rows, &cols, &layers);
  for (int64_t row = 0; row < rows; row++) out[row] = NAN;
  for (int32_t rank = 0; rank < m->ranks; rank++) {
    jc_shard shard = jc_shard_of(&m->config, rank, m->ranks);
    jc_part part = jc_part_of(&m->config, &shard, role, rows, cols);
    int cut = part.cols.count < cols;
    for (int64_t row = part.rows.first; row < part.rows.first + part.rows.count; row++) {
      double sum = bias && (!cut || rank == 0) ? bias[row] : 0;
      for (int64_t i = part.cols.first; i < part.cols.first + part.cols.count; i++) sum += (double)w[row * cols + i] * x[i];
      out[row] = cut ? (rank ? out[row] : 0) + bf16((float)sum) : (float)sum;
    }
  }
}

static void rms_norm(const float *x, const float *gain, int32_t size, float epsilon, float *out) {
  double squares = 0;
  for (int32_t i = 0; i < size; i++) squares += (double)x[i] * x[i];
  float scale = (float)(1.0 / sqrt(squares / size + epsilon));
  for (int32_t i = 0; i < size; i++) out[i] = x[i] * scale * gain[i];
}

/* Norm (where the model has one) and rotation of every head of a row. */
static void turn(const jc_model *m, const float *gain, int32_t heads, int32_t position, float *row) {
  int32_t size = m->config.head_dim;
  for (int32_t head = 0; head < heads; head++, row += size) {
    if (gain) rms_norm(row, gain, size, m->config.norm_epsilon, row);
    for (int32_t i = 0; i < size / 2; i++) {
      double angle = (double)position * m->frequencies[i];
      float cosine = (float)cos(angle) * m->config.rope_scale, sine = (float)sin(angle) * m->config.rope_scale;
      float a = row[i], b = row[i + size / 2];
      row[i] = a * cosine - b * sine;
      row[i + size / 2] = b * cosine + a * sine;
    }
  }
}

static void attend(const jc_session *s, int32_t layer, int32_t position, const float *queries, float *scores, float *out) {
  const jc_model_config *c = &s->model->config;
  int64_t width = (int64_t)c->kv_heads * c->head_dim, base = (int64_t)layer * s->capacity * width;
  for (int32_t head = 0; head < c->heads; head++) {
    int64_t shared = (int64_t)(head / (c->heads / c->kv_heads)) * c->head_dim;
    const float *query = queries + (int64_t)head * c->head_dim;
    float most = -INFINITY;
    for (int32_t at = 0; at <= position; at++) {
      const float *key = s->keys + base + at * width + shared;
      double dot = 0;
      for (int32_t i = 0; i < c->head_dim; i++) dot += (double)query[i] * key[i];
      scores[at] = (float)(dot / sqrt(c->head_dim));
      most = fmaxf(most, scores[at]);
    }
    double total = 0;
    for (int32_t at = 0; at <= position; at++) total += scores[at] = expf(scores[at] - most);
    for (int32_t i = 0; i < c->head_dim; i++) {
      double sum = 0;
      for (int32_t at = 0; at <= position; at++) sum += (double)scores[at] * s->values[base + at * width + shared + i];
      out[(int64_t)head * c->head_dim + i] = (float)(sum / total);
    }
  }
}

size_t scratch_floats(const jc_model_config *c) {
  return (size_t)3 * c->hidden + 2 * (size_t)c->heads * c->head_dim + 2 * (size_t)c->feed_forward + (size_t)c->context;
}

/* Feeds one token at a position and tells what the row says. */
void decode_row(jc_session *s, int32_t token, int32_t position, row_state *row, float *scratch) {
  const jc_model *m = s->model;
  const jc_model_config *c = &m->config;
  int64_t queries = (int64_t)c->heads * c->head_dim, width = (int64_t)c->kv_heads * c->head_dim;
  float *x = row->pre_norm;
  float *normed = scratch, *added = normed + c->hidden, *q = added + 2 * c->hidden, *mixed = q + queries;
  float *gate = mixed + queries, *up = gate + c->feed_forward, *scores = up + c->feed_forward;
  memcpy(x, tensor(m, JC_EMBEDDING, 0) + (int64_t)token * c->hidden, sizeof(float) * c->hidden);
  for (int32_t layer = 0; layer < c->layers; layer++) {
#define BIAS(role) (m->tensors[role] ? tensor(m, role, layer) : NULL)
    int64_t at = ((int64_t)layer * s->capacity + position) * width;
    float *key = s->keys + at, *value = s->values + at;
    rms_norm(x, tensor(m, JC_ATTENTION_NORM, layer), c->hidden, c->norm_epsilon, normed);
    linear(m, JC_Q, layer, BIAS(JC_Q_BIAS), normed, q);
    linear(m, JC_K, layer, BIAS(JC_K_BIAS), normed, key);
    linear(m, JC_V, layer, BIAS(JC_V_BIAS), normed, value);
    turn(m, BIAS(JC_Q_NORM), c->heads, position, q);
    turn(m, BIAS(JC_K_NORM), c->kv_heads, position, key);
    for (int64_t i = 0; i < width; i++) key[i] = bf16(key[i]), value[i] = bf16(value[i]);
    attend(s, layer, position, q, scores, mixed);
    linear(m, JC_O, layer, BIAS(JC_O_BIAS), mixed, added);
    for (int32_t i = 0; i < c->hidden; i++) x[i] += added[i];
    rms_norm(x, tensor(m, JC_FEED_FORWARD_NORM, layer), c->hidden, c->norm_epsilon, normed);
    linear(m, JC_GATE, layer, NULL, normed, gate);
    linear(m, JC_UP, layer, NULL, normed, up);
    for (int32_t i = 0; i < c->feed_forward; i++) gate[i] = gate[i] / (1 + expf(-gate[i])) * up[i];
    linear(m, JC_DOWN, layer, NULL, gate, added);
    for (int32_t i = 0; i < c->hidden; i++) x[i] += added[i];
    memcpy(row->layers + (int64_t)layer * c->hidden, x, sizeof(float) * c->hidden);
  }
  rms_norm(x, tensor(m, JC_FINAL_NORM, 0), c->hidden, c->norm_epsilon, row->post_norm);
  if (row->logits) linear(m, JC_OUTPUT, 0, NULL, row->post_norm, row->logits);
}
