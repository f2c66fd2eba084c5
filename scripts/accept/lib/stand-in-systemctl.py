#!/usr/bin/python3
"""Stands in for systemctl where no systemd runs: one folder of units, each a program that root alone may start.

$FOLDER/NAME.json: {"argv": [...], "slow": seconds}; NAME.pid: whoever runs; acts: one line for each start, restart and stop.
"""
import json, os, subprocess, sys, time

FOLDER = "@FOLDER@"


def pid_of(unit):
    try:
        with open(f"{FOLDER}/{unit}.pid") as file:
            pid = int(file.read())
        with open(f"/proc/{pid}/stat") as file:
            return None if file.read().rsplit(")", 1)[1].split()[0] == "Z" else pid
    except (OSError, ValueError, IndexError):
        return None


def units():
    return sorted(name[: -len(".json")] for name in os.listdir(FOLDER) if name.endswith(".json"))


def state_of(unit):
    if unit not in units():
        return {"Id": unit, "LoadState": "not-found", "ActiveState": "inactive", "SubState": "dead"}
    pid = pid_of(unit)
    return {
        "Id": unit, "LoadState": "loaded", "UnitFileState": "enabled", "Type": "simple",
        "ActiveState": "active" if pid else "failed", "SubState": "running" if pid else "failed",
        "Result": "success" if pid else "signal", "NRestarts": "0", "RefuseManualStart": "no", "CanReload": "no",
        "Job": "", "DropInPaths": "", "ActiveEnterTimestampMonotonic": "1000000", "InvocationID": str(pid or ""),
        "ExecMainStatus": "9",
    }


def show(names, wanted):
    for at, unit in enumerate(names):
        state = state_of(unit)
        if at > 0:
            print()
        for key in wanted:
            if key in state:
                print(f"{key}={state[key]}")


def act(verb, unit):
    if os.geteuid() != 0:
        print(f"Failed to {verb} {unit}: Access denied", file=sys.stderr)
        return 4
    with open(f"{FOLDER}/acts", "a") as file:
        file.write(f"{verb} {unit}\n")
    with open(f"{FOLDER}/{unit}.json") as file:
        what = json.load(file)
    time.sleep(what.get("slow", 0))
    pid = pid_of(unit)
    if pid and verb == "restart":
        os.kill(pid, 9)
        pid = None
    if pid is None and verb in ("start", "restart"):
        child = subprocess.Popen(
            what["argv"], cwd="/", start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        with open(f"{FOLDER}/{unit}.pid", "w") as file:
            file.write(str(child.pid))
    return 0


def main(argv):
    verb, options = argv[0], [one for one in argv[1:] if one.startswith("--") and one != "--"]
    names = [one for one in argv[1:] if not one.startswith("-")]
    if verb == "show":
        wanted = next((one.split("=", 1)[1] for one in options if one.startswith("--property=")), "").split(",")
        show(names, wanted)
    elif verb == "list-units":
        for unit in units():
            state = state_of(unit)
            print(unit, state["LoadState"], state["ActiveState"], state["SubState"], "stand-in")
    elif verb == "list-unit-files":
        for unit in units():
            print(unit, "enabled", "enabled")
    elif verb in ("start", "restart", "reload", "stop"):
        return act(verb, names[0])
    return 0


sys.exit(main(sys.argv[1:]))
