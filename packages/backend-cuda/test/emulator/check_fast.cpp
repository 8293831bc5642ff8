// Prompts that are read fast: weights written out plainly, and what a text's next tokens make of the cache.
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "../../native/src/fast.hpp"
#include "../../native/src/memory.hpp"
#include "../../native/src/source.cuh"
#include "checks.hpp"
#include "tiny_model.hpp"

namespace {

using namespace jc;

const char* const kNames[] = {"bf16", "int8", "int4", "fp8", "fp16", "q8_0", "q4_0"};

float rounded(float v) { return __bfloat162float(__float2bfloat16(v)); }

// Of weights that a format holds as given, every one comes back; of others, the nearest step to within bf16.
void check_unpacking(Weights f) {
  const int outputs = 300, inputs = 224, depth = format_depth(f), tiles = 2, per_tile = (inputs + depth - 1) / depth, width = per_tile * depth;
  Numbers n(static_cast<int>(f) + 3);
  DeviceBuffer given(static_cast<size_t>(outputs) * inputs * 4, "a check"), packed(static_cast<size_t>(tiles) * per_tile * format_stage(f), "a check"), scales(tiles * kTile * 4, "a check"),
      plain(static_cast<size_t>(tiles) * kTile * width * 2, "a check");
  std::memset(packed.as<void>(), 0, packed.bytes()), std::memset(scales.as<void>(), 0, scales.bytes());
  float* values = given.as<float>();
  for (int i = 0; i < outputs * inputs; i++) values[i] = rounded(static_cast<float>(n.uniform() - 0.5));
  PackArgs pack{};
  pack.source = values, pack.source_type = JC_SOURCE_F32, pack.rows = outputs, pack.cols = pack.all_cols = inputs, pack.run = 1 << 30, pack.per_tile = per_tile;
  pack.packed = packed.as<uint8_t>(), pack.scales = scales.as<float>();
  run_pack(f, pack, nullptr);
  run_unpack(f, {packed.as<uint8_t>(), scales.as<float>(), tiles, per_tile, plain.as<__nv_bfloat16>()}, nullptr);

  const int shared = scaled_inputs(f) ? scaled_inputs(f) : inputs; // inputs of one scale
  const bool four = f == Weights::int4 || f == Weights::q4_0; // -8 to 7
  const float steps = f == Weights::int8 || f == Weights::q8_0 ? 127.f : 8.f;
  double worst = 0; // distance in steps, beyond bf16's rounding
  bool zeros = true;
  for (int o = 0; o < tiles * kTile; o++)
    for (int first = 0; first < width; first += shared) {
      float high = 0, low = 0;
      for (int k = first; k < std::min(first + shared, inputs) && o < outputs; k++) high = std::fmax(high, values[o * inputs + k]), low = std::fmin(low, values[o * inputs + k]);
      const float largest = std::fmax(high, -low);
      for (int k = first; k < std::min(first + shared, width); k++) {
        const float got = __bfloat162float(plain.as<__nv_bfloat16>()[static_cast<size_t>(o) * width + k]);
        if (o >= outputs || k >= inputs) zeros = zeros && got == 0;
        else {
          const float want = values[o * inputs + k], half = four && (want > 0) != (high >= -low) && std::fabs(want) > 7.5f / 8 * largest ? 1.f : 0.5f; // what lies opposite the largest has no step of its own
          const float step = f == Weights::bf16 ? 0 : f == Weights::fp8 ? std::fabs(want) / 16 + largest / 448 / 512 : largest / steps * half * 1.002f;
          worst = std::fmax(worst, std::fabs(got - want) - step - (f == Weights::bf16 ? 0 : std::fabs(want) / 200));
        }
      }
    }
  expect(worst <= 1e-6 && zeros, std::string("fast: ") + kNames[static_cast<int>(f)] + " weights written out plainly, zeros around them");
}

struct Seen {
  std::vector<float> logits, states;
};

// Of the text's last rows, after `read` tokens in passes that ask for nothing.
Seen after(TinyModel& model, const std::vector<int32_t>& text, const std::vector<int>& read) {
  jc_session* session = nullptr;
  jc_error error;
  model.must(jc_session_create(model.model, model.config.context, &session, &error), "a session is opened");
  int at = 0;
  for (const int rows : read) {
    const jc_pass pass{session, text.data() + at, at, rows};
    const jc_outputs nothing{};
    if (jc_forward(model.model, &pass, 1, &nothing, nullptr, &error)) expect(false, error.message);
    at += rows;
  }
  const int rows = static_cast<int>(text.size()) - at;
  Seen s{std::vector<float>(static_cast<size_t>(rows) * model.config.tokens), std::vector<float>(static_cast<size_t>(rows) * model.config.hidden)};
  const jc_pass pass{session, text.data() + at, at, rows};
  jc_outputs o{};
  o.logits = s.logits.data(), o.post_norm = s.states.data();
  if (jc_forward(model.model, &pass, 1, &o, nullptr, &error)) expect(false, error.message);
  jc_session_destroy(session);
  return s;
}

double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double apart = 0, size = 0;
  for (size_t i = 0; i < a.size(); i++) apart += (static_cast<double>(a[i]) - b[i]) * (static_cast<double>(a[i]) - b[i]), size += static_cast<double>(b[i]) * b[i];
  return std::isfinite(apart) ? std::sqrt(apart / size) : 1e9;
}

void check_reading(int weights, int flags, int head_dim, const char* what) {
  TinyModel exact(weights, flags, 1, 0, head_dim), fast(weights, flags, 1, 256, head_dim);
  exact.synthesize(), fast.synthesize();
  Numbers numbers(weights + 77);
  std::vector<int32_t> text(560);
  for (int32_t& token : text) token = numbers.below(exact.config.tokens);
  // two whole parts and one of the exact kernels; a part that begins in the middle and is no multiple of anything
  const Seen one = after(exact, text, {552});
  for (const std::vector<int>& read : std::vector<std::vector<int>>{{552}, {3, 289, 260}}) {
    const Seen other = after(fast, text, read);
    const double logits = distance(other.logits, one.logits), states = distance(other.states, one.states);
    char line[200];
    std::snprintf(line, sizeof line, "fast: %s%s, 552 tokens in passes of %d%s: logits %.1e, states %.1e from exact ones", kNames[weights], what, read[0], read.size() > 1 ? ", …" : "", logits, states);
    expect(logits < 2e-2 && states < 2e-2 && std::memcmp(other.logits.data(), one.logits.data(), 4 * one.logits.size()) != 0, line);
  }
  text.resize(263);
  const Seen few = after(fast, text, {255}), exactly = after(exact, text, {255});
  expect(few.logits == exactly.logits, std::string("fast: ") + kNames[weights] + what + ", passes of fewer than 256 rows are exact");
}

// Given up between two layers: what was fed before stays, and the session goes on.
void check_abort() {
  TinyModel model(JC_BF16, 0, 1, 256);
  model.synthesize();
  std::vector<int32_t> text(300, 5);
  jc_session* session = nullptr;
  model.must(jc_session_create(model.model, 400, &session, &model.error), "a session is opened");
  const int32_t given_up = 1;
  const jc_pass pass{session, text.data(), 0, 300};
  const jc_outputs nothing{};
  const int code = jc_forward(model.model, &pass, 1, &nothing, &given_up, &model.error);
  expect(code == JC_ABORTED, "fast: given up where the caller says so");
  expect(jc_forward(model.model, &pass, 1, &nothing, nullptr, &model.error) == JC_OK, "fast: the session goes on afterwards");
  jc_session_destroy(session);
}

uint64_t taken(int fast_rows, uint64_t& said) {
  jc_error error;
  jc_device_info before, after;
  jc_device_query(0, &before, &error);
  TinyModel model(JC_BF16, 0, 1, fast_rows);
  said = jc_model_bytes(&model.config);
  jc_device_query(0, &after, &error);
  return before.memory_free - after.memory_free;
}

void check_memory() {
  uint64_t said_exact, said_fast;
  const uint64_t exact = taken(0, said_exact), fast = taken(512, said_fast);
  const double ratio = static_cast<double>(fast - exact) / (said_fast - said_exact);
  char line[120];
  std::snprintf(line, sizeof line, "fast: what it takes is what is planned with, to %.2f %%", 100 * std::fabs(ratio - 1));
  expect(ratio > 0.99 && ratio < 1.01, line);
}

void expect_refused(const char* what, int weights, int ranks, int code, const char* says) {
  const TinyModel::Refused r = TinyModel::refused(weights, ranks, 256);
  expect(r.code == code && r.message.find(says) != std::string::npos, std::string("fast: refused ") + what + ": " + r.message);
}

} // namespace

void check_fast() {
  for (const Weights f : kFormats)
    if (f != Weights::fp16) check_unpacking(f);
  for (const int weights : {JC_BF16, JC_INT4}) check_reading(weights, 0, 32, "");
  check_reading(JC_BF16, JC_TIED | JC_Q_HAS_BIAS | JC_K_HAS_BIAS | JC_V_HAS_BIAS | JC_O_HAS_BIAS, 26, ", biases and heads of 26");
  check_reading(JC_INT8, JC_QK_NORM, 128, ", norms, heads of 128");
  check_reading(JC_BF16, 0, 256, ", heads of 256");
  check_reading(JC_BF16, 0, 80, ", heads of 80");
  check_abort();
  check_memory();
  expect_refused("over ranks", JC_BF16, 2, JC_UNSUPPORTED, "one GPU");
  expect_refused("for fp16", JC_F16, 1, JC_UNSUPPORTED, "float16");
  const std::string there = std::getenv("JUDGE_CUDA_CUBLASLT") ? std::getenv("JUDGE_CUDA_CUBLASLT") : "";
  setenv("JC_EMULATED_CUBLASLT", "110805", 1);
  expect_refused("of an old library", JC_BF16, 1, JC_UNSUPPORTED, "12.0 or newer");
  unsetenv("JC_EMULATED_CUBLASLT");
  setenv("JUDGE_CUDA_CUBLASLT", "/nowhere/libcublasLt.so", 1);
  expect_refused("without the library", JC_BF16, 1, JC_UNSUPPORTED, "was not found");
  setenv("JUDGE_CUDA_CUBLASLT", there.c_str(), 1);
  setenv("JUDGE_CUDA_PORTABLE", "1", 1);
  expect_refused("in the portable form", JC_BF16, 1, JC_UNSUPPORTED, "portable");
  unsetenv("JUDGE_CUDA_PORTABLE");
}
