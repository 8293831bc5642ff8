// Top-k, top-p and min-p of whole rows against sorting them.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "../../native/src/rounds.hpp"
#include "checks.hpp"

namespace {

using namespace jc;

struct Cut {
  int top_k;
  double top_p, min_p;
};

// Core's order: top-k, then top-p of what is left, then min-p of the largest. Lower ids first among equals.
std::vector<double> expected(const std::vector<double>& probs, const Cut& cut) {
  std::vector<int> order;
  for (size_t i = 0; i < probs.size(); i++)
    if (probs[i] > 0) order.push_back(static_cast<int>(i));
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return probs[a] > probs[b]; });
  if (cut.top_k > 0 && cut.top_k < static_cast<int>(order.size())) order.resize(cut.top_k);
  const auto steps = [&](int id) { return static_cast<Mass>(probs[id] * 4611686018427387904.0); };
  if (cut.top_p < 1) {
    double left = 4611686018427387904.0;
    if (cut.top_k > 0 && cut.top_k < static_cast<int>(probs.size())) {
      Mass sum = 0;
      for (int id : order) sum += steps(id);
      left = static_cast<double>(sum);
    }
    const Mass goal = static_cast<Mass>(cut.top_p * left);
    Mass mass = 0;
    size_t n = 0;
    while (n < order.size() && (n == 0 || mass < goal)) mass += steps(order[n++]);
    order.resize(n);
  }
  const double least = cut.min_p * probs[order[0]];
  double sum = 0;
  std::vector<double> out(probs.size(), 0.0);
  for (int id : order)
    if (probs[id] >= least) out[id] = probs[id], sum += probs[id];
  for (double& v : out) v /= sum;
  return out;
}

void check_rows(const std::string& name, int tokens, const std::vector<Cut>& cuts, const std::function<float(int, Numbers&)>& logit) {
  const int slices = (tokens + kLogitSlice - 1) / kLogitSlice, rows = 2;
  DeviceBuffer logits(static_cast<size_t>(rows) * tokens * 4, "a check"), probs(static_cast<size_t>(rows) * tokens * 8, "a check"), maximum(rows * slices * 8, "a check"),
      argmaxes(rows * slices * 4, "a check"), sums(rows * slices * 8, "a check"), argmax(rows * 4, "a check"), fault(4, "a check"), row_cuts(rows * sizeof(RowCut), "a check");
  Numbers numbers(tokens);
  for (int i = 0; i < rows * tokens; i++) logits.as<float>()[i] = logit(i % tokens, numbers);
  cudaMemset(fault.as<void>(), 0, 4);
  ShapeArgs a{};
  a.logits = logits.as<float>(), a.probs = probs.as<double>(), a.slice_max = maximum.as<double>(), a.slice_argmax = argmaxes.as<int>(), a.slice_sum = sums.as<double>();
  a.argmax = argmax.as<int>(), a.faults = fault.as<int>(), a.rows = rows, a.tokens = tokens, a.slices = slices;
  a.shaping = {1, 1, 0, 1, 0, 0, 0, false};
  const Stream stream{nullptr, false, 3, true};
  run_shape(a, true, stream);
  const std::vector<double> whole(probs.as<double>(), probs.as<double>() + rows * tokens);
  a.cuts = row_cuts.as<RowCut>();
  for (const Cut& cut : cuts) {
    a.shaping.top_k = cut.top_k, a.shaping.top_p = cut.top_p, a.shaping.min_p = cut.min_p;
    run_shape(a, true, stream);
    bool same = true, summed = true;
    int kept = 0;
    for (int row = 0; row < rows; row++) {
      const std::vector<double> want = expected({whole.begin() + row * tokens, whole.begin() + (row + 1) * tokens}, cut);
      double total = 0;
      for (int id = 0; id < tokens; id++) {
        const double is = probs.as<double>()[row * tokens + id];
        same = same && (is > 0) == (want[id] > 0) && std::fabs(is - want[id]) <= 1e-12 * want[id];
        kept += is > 0;
      }
      for (int s = 0; s < slices; s++) total += sums.as<double>()[row * slices + s];
      summed = summed && std::fabs(total - 1) < 1e-12;
    }
    char text[200];
    std::snprintf(text, sizeof text, "cut: %s, %d tokens, top-k %d, top-p %g, min-p %g: %d kept", name.c_str(), tokens, cut.top_k, cut.top_p, cut.min_p, kept);
    expect(same && summed && *fault.as<int>() == 0, text);
  }
}

} // namespace

void check_cuts() {
  const std::vector<Cut> some = {{1, 1, 0}, {50, 1, 0}, {0, 0.9, 0}, {40, 0.95, 0}, {0, 1, 0.05}, {3000, 0.999, 0.001}, {0, 0.9999999, 0}, {0, 1e-9, 0}};
  check_rows("normal", 300, some, [](int, Numbers& n) { return static_cast<float>(2 * (n.uniform() + n.uniform() + n.uniform() - 1.5)); });
  check_rows("normal", 20011, some, [](int, Numbers& n) { return static_cast<float>(2 * (n.uniform() + n.uniform() + n.uniform() - 1.5)); });
  check_rows("even", 20011, some, [](int, Numbers&) { return 1.f; });
  check_rows("two kinds", 9000, some, [](int id, Numbers&) { return id % 3 ? 1.f : 1.5f; });
  check_rows("steep", 9000, some, [](int id, Numbers&) { return -0.02f * id; });
  check_rows("one and far ones", 9000, some, [](int id, Numbers& n) { return id == 4321 ? 30.f : static_cast<float>(n.uniform()); });
  check_rows("one and banned ones", 5000, some, [](int id, Numbers& n) { return id % 1000 ? -INFINITY : static_cast<float>(n.uniform()); });
}
