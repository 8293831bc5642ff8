// Rounds whose draft leaves nothing to recover: the token behind a rejection then comes from the target's own distribution.
#include "../../native/src/rounds.hpp"
#include "checks.hpp"

namespace {

using namespace jc;

// The first token by ascending id whose cumulative probability is above the goal.
int drawn(const double* probs, int tokens, double uniform) {
  double total = 0, reached = 0;
  for (int id = 0; id < tokens; id++) total += probs[id];
  int token = -1;
  for (int id = 0; id < tokens; id++) {
    if (!(probs[id] > 0)) continue;
    token = id;
    reached += probs[id];
    if (reached > uniform * total) break;
  }
  return token;
}

// `certain`: the target is certain of the draft's token, and so is the draft; else both have the same distribution.
void check_nothing_left(int tokens, bool certain) {
  const int rows = 7, slices = (tokens + kLogitSlice - 1) / kLogitSlice;
  DeviceBuffer probs(static_cast<size_t>(rows) * tokens * 8, "a check"), sums(rows * slices * 8, "a check"), rest(rows * slices * 8, "a check"), weights(rows * 8, "a check"),
      argmax(rows * 4, "a check"), fed(rows * 4, "a check"), uniforms((2 * rows + 1) * 8, "a check"), out(sizeof(Decisions), "a check");
  Numbers numbers(tokens + certain);
  for (int i = 0; i < 2 * rows + 1; i++) uniforms.as<double>()[i] = numbers.uniform();
  for (int row = 0; row < rows; row++) {
    const int token = fed.as<int>()[row] = numbers.below(tokens);
    double* p = probs.as<double>() + static_cast<size_t>(row) * tokens;
    double total = 0;
    for (int id = 0; id < tokens; id++) total += p[id] = certain ? 0 : numbers.uniform();
    for (int id = 0; id < tokens; id++) p[id] = certain ? 0 : p[id] / total;
    argmax.as<int>()[row] = token;
  }
  for (int row = 0; certain && row < rows; row++) probs.as<double>()[static_cast<size_t>(row) * tokens + fed.as<int>()[(row + 1) % rows]] = 1;
  for (int row = 0; row < rows; row++)
    for (int s = 0; s < slices; s++) {
      double& sum = sums.as<double>()[row * slices + s] = 0;
      for (int id = s * kLogitSlice; id < (s + 1) * kLogitSlice && id < tokens; id++) sum += probs.as<double>()[static_cast<size_t>(row) * tokens + id];
    }
  DecideArgs d{};
  d.probs = probs.as<double>(), d.slice_sum = sums.as<double>(), d.draft = certain ? nullptr : probs.as<double>();
  d.rest = rest.as<double>(), d.weights = weights.as<double>(), d.argmax = argmax.as<int>(), d.fed = fed.as<int>();
  d.uniforms = uniforms.as<double>(), d.out = out.as<Decisions>(), d.law = Law::speculative;
  d.rows = rows, d.tokens = tokens, d.slices = slices;
  for (double lenience : {1.0, 0.5}) {
    d.lenience = lenience;
    run_decide(d, {nullptr, false, 3, true});
    bool right = true, kept = true;
    for (int row = 0; row + 1 < rows; row++) {
      const double* p = probs.as<double>() + static_cast<size_t>(row) * tokens;
      right = right && d.out->recovered[row] == drawn(p, tokens, d.uniforms[rows + row]);
      kept = kept && d.out->accepted[row];
    }
    const double* last = probs.as<double>() + static_cast<size_t>(rows - 1) * tokens;
    char text[160];
    std::snprintf(text, sizeof text, "round: nothing left of %d tokens, %s, lenience %g", tokens, certain ? "a certain draft" : "the draft's distribution is the target's", lenience);
    expect(right && kept && d.out->bonus == drawn(last, tokens, d.uniforms[2 * rows]), text);
  }
}

} // namespace

void check_rounds() {
  for (int tokens : {300, 9000})
    for (bool certain : {true, false}) check_nothing_left(tokens, certain);
}
