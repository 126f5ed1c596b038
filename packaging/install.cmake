# What `cmake --install` and the Debian package (`cpack -G DEB`) put where. The programs stand together in one folder, because
# devc looks for its helpers beside itself; /usr/bin has a link.
include(GNUInstallDirs)

set(manual ${CMAKE_BINARY_DIR}/manual)
add_custom_command(OUTPUT ${manual}/devc.1 COMMAND devc __manual ${manual} DEPENDS devc VERBATIM)
add_custom_target(manual ALL DEPENDS ${manual}/devc.1)

install(PROGRAMS $<TARGET_FILE:devc> $<TARGET_FILE:devc-monitor> $<TARGET_FILE:devc-transfer> DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/devc)
install(CODE "
  file(MAKE_DIRECTORY \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
  file(CREATE_LINK ../${CMAKE_INSTALL_LIBEXECDIR}/devc/devc \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/devc\" SYMBOLIC)")
install(DIRECTORY ${manual}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 FILES_MATCHING PATTERN "*.1")
install(FILES completions/devc.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME devc)
install(FILES completions/devc.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions RENAME _devc)
install(FILES completions/devc.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
# The unit names devc where it was installed.
install(CODE "
  file(READ \"${CMAKE_SOURCE_DIR}/examples/devc.service\" unit)
  string(REPLACE \"/usr/local/bin/\" \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/\" unit \"\${unit}\")
  file(WRITE \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/lib/systemd/system/devc.service\" \"\${unit}\")")
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME devc)
set(CPACK_PACKAGE_CONTACT "the devc developers <devc@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Docker Compose, image builds and containers in one program without a daemon")
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "bash-completion")
include(CPack)
