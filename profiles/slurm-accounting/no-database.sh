#!/bin/sh
# The package makes a database when it is installed: the same one in every cluster, and other bytes in every build.
# The agent makes one on the controller (mariadb-install-db).
set -eu
rm -rf /var/lib/mysql /var/log/mysql
install -d -m 0700 -o mysql -g mysql /var/lib/mysql
install -d -m 2750 -o mysql -g adm /var/log/mysql
