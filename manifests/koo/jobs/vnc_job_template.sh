#!/bin/bash
#SBATCH --job-name=vnc_{{SESSION_ID}}
#SBATCH --partition=viz
#SBATCH --gres=gpu:1
#SBATCH --cpus-per-task=4
#SBATCH --mem={{MEMORY_GB}}G
#SBATCH --time={{TIME_HOURS}}:00:00
#SBATCH --output={{LOG_PATH}}

exec apptainer exec --nv --writable "{{SANDBOX_PATH}}" start-vnc-session \
  --port "{{VNC_PORT}}" --websocket "{{WS_PORT}}" --password "{{VNC_PASSWORD}}" --resolution "{{RESOLUTION}}"
