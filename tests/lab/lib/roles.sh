# shellcheck shell=bash
# What a host is for: the files and services it is given before its first boot. Without a role it runs sshd only.

role_of() { # name all|none
  case $2:$1 in
    none:*) echo none ;;
    *:controller) echo controller ;;
    *:viz-node*) echo viz ;;
    *) echo compute ;;
  esac
}

role_install() { # name root
  local role
  role=$(<"$HOSTS/$1/role")
  [ "$role" = none ] || "role_$role" "$2"
}

role_controller() { # root
  slurm_common "$1"
  put_as slurm 600 "$1" slurmdbd.conf etc/slurm/slurmdbd.conf
  folder_as slurm "$1" var/lib/slurm/slurmctld
  put "$1" slurmctld.service.conf etc/systemd/system/slurmctld.service.d/lab.conf
  put "$1" mariadb.cnf etc/mysql/mariadb.conf.d/90-lab.cnf
  put "$1" slurm_acct_db.sql etc/mysql/slurm_acct_db.sql
  put "$1" auth-portal.conf etc/nginx/conf.d/auth-portal.conf
  put "$1" lab-backends.conf etc/nginx/conf.d/lab-backends.conf
  put_as redis 640 "$1" users.acl etc/redis/users.acl
  echo 'aclfile /etc/redis/users.acl' >>"$1/etc/redis/redis.conf"
  enable "$1" mariadb munge slurmdbd slurmctld nginx redis-server
}

role_compute() { # root
  slurm_common "$1"
  install -d "$1/var/lib/slurm/slurmd"
  put "$1" slurmd.service.conf etc/systemd/system/slurmd.service.d/lab.conf
  enable "$1" munge slurmd
}

role_viz() { # root
  put "$1" gpus.tmpfiles etc/tmpfiles.d/gpus.conf
  role_compute "$1"
}

slurm_common() { # root
  cp "$RUN/slurm.conf" "$1/etc/slurm/slurm.conf"
  put "$1" gres.conf etc/slurm/gres.conf
  put "$1" cgroup.conf etc/slurm/cgroup.conf
  folder_as slurm "$1" var/log/slurm
  install -m 400 "$SECRETS/munge.key" "$1/etc/munge/munge.key"
  chown "$(ids_in "$1" munge)" "$1/etc/munge/munge.key"
}

put() { install -D -m 644 "$LAB_SRC/roles/$2" "$1/$3"; } # root source target
put_as() {                                               # user mode root source target
  install -D -m "$2" "$LAB_SRC/roles/$4" "$3/$5"
  chown "$(ids_in "$3" "$1")" "$3/$5"
}
folder_as() { # user root folder
  install -d "$2/$3"
  chown "$(ids_in "$2" "$1")" "$2/$3"
}
ids_in() { awk -F: -v user="$2" '$1 == user { print $3 ":" $4 }' "$1/etc/passwd"; } # root user
enable() { systemctl --root="$1" --quiet enable "${@:2}"; }
