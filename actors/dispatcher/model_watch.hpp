#pragma once
// How well hosts keep their models, as the answers tell. Values in, values out; time is handed in.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mp {

class model_watch {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// A call that had to wait longer than this for its model found it not loaded [ollama 13].
  static constexpr std::chrono::seconds load_time_min{1};

  /// No model takes longer, whatever its host says.
  static constexpr std::chrono::hours load_time_max{24};

  /// A model is unloaded and loaded again for its bad answers, or for giving none, at most this often on one host:
  /// where that does not help, it would only cost the others their model.
  static constexpr std::chrono::minutes reload_interval{10};

  /// Models of one host that are remembered: requests may name them (ALLOWED_MODELS=*), and a host answers for any.
  static constexpr std::size_t models_max = 64;

  struct finding {
    bool reloaded = false;            ///< the host had to load a model for this answer
    std::optional<bool> often{};      ///< changed: it loads again and again, or does so no more
  };

  /// An answer of `host` has come at `now`; its call began at `began` and waited `load_time` for its model. Calls that
  /// wait for the same load count once. It loads again and again when that was so for 3 of its last 10 answers, until
  /// it was so for none of 10.
  finding answered(const std::string& host, time_point began, std::chrono::nanoseconds load_time);

  /// A request of `user` got a degenerate answer of `model` on `host`. True when one of another user did so, too, and
  /// no answer of that model came since: one user alone may want such answers, or make the model give them.
  bool is_degenerate(const std::string& host, const std::string& model, std::string_view user);

  /// An answer of `model` on `host` has come at `now`. All spellings of a name are one model (canonical_model_name).
  /// The model that has not answered for longest is forgotten first.
  void spoke(const std::string& host, const std::string& model, time_point now);

  /// True if `model` on `host` has answered no call since `began`. A call that timed out in that window was not merely
  /// queued.
  bool is_silent(const std::string& host, const std::string& model, time_point began) const;

  /// Models of `host` that are remembered.
  std::size_t known_models(const std::string& host) const;

  /// Whether a model with bad answers is to be loaded anew on `host` now. `model`: its label, of which there are few.
  /// True counts as done.
  bool may_reload(const std::string& host, const std::string& model, time_point now);

private:
  struct kept_host {
    std::uint16_t last = 0; ///< a bit per answer, the newest is the lowest
    bool often = false;
    std::optional<time_point> loaded{};
    std::string last_as_given{}, last_name{}; ///< of the model that answered last, mostly the same as the next; its
                                              ///< name as requests write it, and canonical
    std::map<std::string, time_point, std::less<>> answers{}; ///< the last one of each model, at most models_max
    std::map<std::string, std::size_t>
      degenerate{}; ///< a hash of the user who saw it first, until that model answers; at most models_max
  };
  std::map<std::string, kept_host> hosts_;
  std::map<std::pair<std::string, std::string>, time_point>
    reloads_; ///< few: models are told apart as they are configured
};

} // namespace mp
