#pragma once
// Certificates made for one test run.

#include "tests/support/test.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

namespace mp::test {

/// A key and a certificate for 127.0.0.1, signed by itself, in files that go with it.
class certificate {
public:
  explicit certificate(const char* name) {
    folder_ = std::filesystem::temp_directory_path() / ("mp-tls-" + std::to_string(::getpid()) + "-" + name);
    std::filesystem::create_directories(folder_);
    auto* key = EVP_EC_gen("P-256");
    auto* made = X509_new();
    X509_set_version(made, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
    X509_gmtime_adj(X509_getm_notBefore(made), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made), 3600);
    X509_set_pubkey(made, key);
    auto* subject = X509_get_subject_name(made);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    X509_set_issuer_name(made, subject);
    auto* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(made, names, -1);
    X509_sign(made, key, EVP_sha256());
    write(certificate_file(), [&](FILE* out) { PEM_write_X509(out, made); });
    write(key_file(), [&](FILE* out) { PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr); });
    X509_EXTENSION_free(names);
    X509_free(made);
    EVP_PKEY_free(key);
  }
  ~certificate() { std::filesystem::remove_all(folder_); }

  std::string certificate_file() const { return folder_ / "certificate.pem"; }
  std::string key_file() const { return folder_ / "key.pem"; }

private:
  template <class Writer>
  static void write(const std::string& path, Writer writer) {
    auto* out = std::fopen(path.c_str(), "w");
    REQUIRE(out != nullptr);
    writer(out);
    std::fclose(out);
  }

  std::filesystem::path folder_;
};

/// The authority that this process trusts.
inline const certificate& trusted() {
  static const certificate made{"trusted"};
  return made;
}

/// To be called before the first TLS connection, which reads the authorities for all.
inline void trust_only_trusted() { ::setenv("SSL_CERT_FILE", trusted().certificate_file().c_str(), 1); }

} // namespace mp::test
