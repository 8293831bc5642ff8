// A model over ranks: the same bits on all of them, in every width, and whether they reach each other's memory or NCCL brings it.
#include <dlfcn.h>

#include <cstdlib>
#include <cstring>

#include "checks.hpp"
#include "tiny_model.hpp"

namespace {

struct Said {
  std::vector<float> states, sums;
  std::vector<int32_t> argmax, ids, drafted;
};

Said said(int ranks, int rows_a_pass) {
  TinyModel model(JC_BF16, 0, ranks);
  model.synthesize();
  jc_session* session = model.session();
  Numbers n(5);
  std::vector<int32_t> text(37);
  for (int32_t& token : text) token = n.below(model.config.tokens);
  Said s{std::vector<float>(37 * model.config.hidden), std::vector<float>(37), std::vector<int32_t>(37), std::vector<int32_t>(37 * 5), std::vector<int32_t>(6)};
  std::vector<float> probs(37 * 5);
  bool alike = true;
  for (int at = 0; at < 37; at += rows_a_pass) {
    const int rows = std::min(rows_a_pass, 37 - at);
    const jc_pass pass{session, text.data() + at, at, rows};
    jc_outputs o{};
    o.argmax = s.argmax.data() + at, o.log_sum_exp = s.sums.data() + at, o.post_norm = s.states.data() + at * model.config.hidden;
    o.top = 5, o.top_ids = s.ids.data() + 5 * at, o.top_log_probs = probs.data() + 5 * at;
    model.must(jc_forward(model.model, &pass, 1, &o, nullptr, &model.error), "a forward");
    std::vector<float> first(static_cast<size_t>(rows) * model.config.hidden), other(first.size());
    for (int rank = 0; rank < ranks; rank++) {
      model.must(jc_debug_residual(model.model, rank, rows, rank ? other.data() : first.data(), &model.error), "a residual is read");
      alike = alike && (rank == 0 || std::memcmp(first.data(), other.data(), first.size() * 4) == 0);
    }
  }
  const int32_t last = 3;
  const jc_pass pass{session, &last, 37, 1};
  jc_propose propose{};
  propose.count = 6, propose.drafted = s.drafted.data();
  model.must(jc_propose_draft(model.model, &pass, &propose, nullptr, &model.error), "a draft");
  expect(alike, "ranks: " + std::to_string(ranks) + " hold the same bits, passes of " + std::to_string(rows_a_pass));
  return s;
}

bool same(const Said& a, const Said& b) {
  return a.argmax == b.argmax && a.ids == b.ids && a.drafted == b.drafted && std::memcmp(a.states.data(), b.states.data(), a.states.size() * 4) == 0 && std::memcmp(a.sums.data(), b.sums.data(), a.sums.size() * 4) == 0;
}

} // namespace

void check_ranks() {
  unsetenv("JUDGE_CUDA_NCCL");
  for (const int ranks : {2, 4}) {
    const Said one = said(ranks, 1), wide = said(ranks, 37);
    expect(same(one, wide), "ranks: " + std::to_string(ranks) + ", the same bits in wide passes");
    const char* library = std::getenv("JC_EMULATED_NCCL");
    if (!library) {
      std::printf("     ranks over NCCL: not run, JC_EMULATED_NCCL names no library\n");
      continue;
    }
    setenv("JUDGE_CUDA_NCCL", library, 1);
    expect(same(one, said(ranks, 1)) && same(one, said(ranks, 20)), "ranks: " + std::to_string(ranks) + " over NCCL, the bits of ranks that reach each other");
    unsetenv("JUDGE_CUDA_NCCL");
  }
  setenv("JUDGE_CUDA_NCCL", "libnowhere.so", 1);
  TinyModel::Refused refused = TinyModel::refused(JC_BF16, 2);
  unsetenv("JUDGE_CUDA_NCCL");
  expect(refused.code == JC_UNSUPPORTED && refused.message.find("libnowhere.so") != std::string::npos, "ranks: a library that is not there is refused by name: " + refused.message);
}
