# hiredis formats requests and reads replies; nothing here opens a connection.
pkg_check_modules(HIREDIS REQUIRED hiredis)
target_link_libraries(tidelock_redis PRIVATE ${HIREDIS_LINK_LIBRARIES})
