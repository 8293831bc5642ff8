#include "ranks.hpp"

#include <chrono>

namespace jc {
namespace {

using Clock = std::chrono::steady_clock;
// What lies between two calls of a round: a thread that slept would take tens of microseconds to wake.
constexpr auto kLooksFor = std::chrono::milliseconds(2);
// Longer than any wait of a device, which ends by itself.
constexpr auto kPatience = std::chrono::seconds(120);

void spin_once() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

} // namespace

Ranks::Ranks(int count) : count_(count) {
  for (int rank = 1; rank < count; rank++) threads_.emplace_back([this, rank] { serve(rank); });
}

Ranks::~Ranks() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& t : threads_) t.join();
}

void Ranks::perform(int rank) {
  try {
    (*work_)(rank);
  } catch (const Fault& f) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!failed_.exchange(true)) first_ = f;
  } catch (const std::exception& e) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!failed_.exchange(true)) first_ = {JC_OUT_OF_MEMORY, e.what()};
  }
}

void Ranks::serve(int rank) {
  for (int seen = 0;; seen++) {
    const auto from = Clock::now();
    while (round_.load(std::memory_order_acquire) == seen && !stopping_ && Clock::now() - from < kLooksFor) spin_once();
    if (round_.load(std::memory_order_acquire) == seen) {
      std::unique_lock<std::mutex> lock(mutex_);
      wake_.wait(lock, [&] { return round_.load() != seen || stopping_; });
    }
    if (stopping_) return;
    perform(rank);
    at_work_.fetch_sub(1, std::memory_order_release);
  }
}

void Ranks::run(const std::function<void(int)>& work) {
  work_ = &work, failed_ = false, met_ = 0, word_ = -1;
  at_work_ = count_ - 1;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    round_.fetch_add(1, std::memory_order_release);
  }
  wake_.notify_all();
  perform(0);
  // every wait inside `work` has an end, so this one has
  for (int looks = 0; at_work_.load(std::memory_order_acquire); looks++) looks < 20000 ? spin_once() : std::this_thread::yield();
  if (failed_) throw first_;
}

void Ranks::wait_until(const std::function<bool()>& there, const char* what) {
  const auto until = Clock::now() + kPatience;
  for (int looks = 1; !there(); looks++) {
    if (failed_) fail(JC_DEVICE, "Another GPU's part of the work failed.");
    if (looks < 20000) spin_once();
    else std::this_thread::yield();
    if ((looks & 1023) == 0 && Clock::now() > until) fail(JC_DEVICE, "A GPU's thread waited %d s for the others %s.", static_cast<int>(kPatience.count()), what);
  }
}

void Ranks::meet() {
  const int meeting = meetings_.load();
  if (met_.fetch_add(1) + 1 == count_) {
    met_ = 0;
    meetings_.fetch_add(1);
    return;
  }
  wait_until([&] { return meetings_.load() != meeting; }, "to get ready");
}

bool Ranks::agree(int rank, int question, bool word) {
  if (rank == 0) {
    word_.store(2 * static_cast<int64_t>(question) + word);
    return word;
  }
  // rank 0 asks a later question only after a no
  wait_until([&] { return word_.load() >= 2 * static_cast<int64_t>(question); }, "to say whether to go on");
  return word_.load() == 2 * static_cast<int64_t>(question) + 1;
}

} // namespace jc
