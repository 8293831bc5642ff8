// A row's bits in every format and width, through the ABI: a text read one token at a time, and in wider passes.
#include <cmath>
#include <cstring>

#include "../../native/include/judge_cuda.h"
#include "checks.hpp"
#include "tiny_model.hpp"

namespace {

struct Read {
  std::vector<int32_t> argmax;
  std::vector<float> sums, states;
};

Read read(TinyModel& model, const std::vector<int32_t>& text, const std::vector<int>& widths) {
  jc_session* session = model.session();
  const int n = static_cast<int>(text.size());
  Read r{std::vector<int32_t>(n), std::vector<float>(n), std::vector<float>(static_cast<size_t>(n) * model.config.hidden)};
  for (int at = 0, i = 0; at < n; i++) {
    const int width = std::min(widths[i % widths.size()], n - at);
    const jc_pass pass{session, text.data() + at, at, width};
    jc_outputs o{};
    o.argmax = r.argmax.data() + at, o.log_sum_exp = r.sums.data() + at, o.post_norm = r.states.data() + static_cast<size_t>(at) * model.config.hidden;
    jc_error error;
    if (jc_forward(model.model, &pass, 1, &o, nullptr, &error)) expect(false, error.message);
    at += width;
  }
  jc_session_destroy(session);
  return r;
}

} // namespace

void check_widths() {
  const char* names[] = {"bf16", "int8", "int4", "fp8", "fp16", "q8_0", "q4_0"};
  for (int weights = 0; weights <= JC_Q4_0; weights++) {
    TinyModel model(weights);
    model.synthesize();
    Numbers numbers(weights + 1);
    std::vector<int32_t> text(140);
    for (int32_t& token : text) token = numbers.below(model.config.tokens);
    const Read one = read(model, text, {1});
    bool finite = true;
    for (float v : one.states) finite = finite && std::isfinite(v);
    for (const std::vector<int>& widths : std::vector<std::vector<int>>{{140}, {70, 3, 67}, {16, 9, 40, 128}}) {
      const Read r = read(model, text, widths);
      const bool same = r.argmax == one.argmax && std::memcmp(r.sums.data(), one.sums.data(), r.sums.size() * 4) == 0 && std::memcmp(r.states.data(), one.states.data(), r.states.size() * 4) == 0;
      expect(same && finite, std::string("widths: ") + names[weights] + ", 140 tokens in passes of " + std::to_string(widths[0]) + (widths.size() > 1 ? ", …" : "") + ": the bits of one at a time");
    }
  }
}
