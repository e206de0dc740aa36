# SPDX-License-Identifier: MIT
# What core installs.
signet_install_library(signet NAME signet
  DESCRIPTION "Client for the signatures and templates of EngageLab SMS"
  HEADERS ${PROJECT_SOURCE_DIR}/core/include
  PRIVATE "CURL:libcurl>=7.88" "JSONC:json-c>=0.16" "INIH:inih"
          "SQLITE:sqlite3>=3.40" "UTF8PROC:libutf8proc>=2.6")

set_target_properties(signet_sandbox PROPERTIES EXPORT_NAME sandbox)
signet_install_library(signet_sandbox NAME signet-sandbox
  DESCRIPTION "Local imitation of the EngageLab SMS configuration API"
  HEADERS ${PROJECT_SOURCE_DIR}/core/include
  REQUIRES signet
  PRIVATE "MICROHTTPD:libmicrohttpd>=0.9.75" "JSONC:json-c>=0.16")
