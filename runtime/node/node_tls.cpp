#include "runtime/node/node_tls.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <cstdio>
#include <ctime>
#include <memory>

namespace mp {
namespace {

struct freed {
  void operator()(std::FILE* file) const { std::fclose(file); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
  void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
};

template <class T>
using owned = std::unique_ptr<T, freed>;

/// What `read` makes of the PEM file, or null.
template <class T, class Read>
owned<T> from_pem(const std::string& path, Read read) {
  owned<std::FILE> file{std::fopen(path.c_str(), "re")};
  owned<T> found{file ? read(file.get(), nullptr, nullptr, nullptr) : nullptr};
  ERR_clear_error();
  return found;
}

std::chrono::system_clock::time_point time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1)
    return {};
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

/// Empty: `authority` has signed `certificate`, which is valid at `now`.
std::string objection(X509* certificate, X509* authority, std::chrono::system_clock::time_point now) {
  owned<X509_STORE> store{X509_STORE_new()};
  owned<X509_STORE_CTX> context{X509_STORE_CTX_new()};
  if (!store || !context || X509_STORE_add_cert(store.get(), authority) != 1
      || X509_STORE_CTX_init(context.get(), store.get(), certificate, nullptr) != 1)
    return "OpenSSL has no memory";
  X509_STORE_CTX_set_time(context.get(), 0, std::chrono::system_clock::to_time_t(now));
  X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_PARTIAL_CHAIN);
  auto is_good = X509_verify_cert(context.get()) == 1;
  auto why = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  return is_good ? std::string{} : X509_verify_cert_error_string(why);
}

} // namespace

std::variant<node_certificate, std::string> check_node_certificate(const settings& chosen,
                                                                   std::chrono::system_clock::time_point now) {
  using namespace std::string_literals;
  auto certificate = from_pem<X509>(chosen.node_cert, PEM_read_X509);
  if (!certificate)
    return "NODE_CERT: "s + chosen.node_cert + " cannot be read, or is no certificate in PEM";
  auto key = from_pem<EVP_PKEY>(chosen.node_key, PEM_read_PrivateKey);
  if (!key)
    return "NODE_KEY: "s + chosen.node_key + " cannot be read, or is no private key in PEM without a password";
  auto authority = from_pem<X509>(chosen.node_ca, PEM_read_X509);
  if (!authority)
    return "NODE_CA: "s + chosen.node_ca + " cannot be read, or is no certificate in PEM";
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return "NODE_KEY: is not the key of NODE_CERT"s;
  }
  if (auto why = objection(certificate.get(), authority.get(), now); !why.empty())
    return "NODE_CERT: is of no use with NODE_CA: " + why;
  return node_certificate{time_of(X509_get0_notAfter(certificate.get()))};
}

} // namespace mp
