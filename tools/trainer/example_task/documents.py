"""Recordings as the documents of an episode: metadata and steps."""

import datetime

from . import arm

FIRST_EPISODE = datetime.datetime(2026, 1, 5, 8, 0, tzinfo=datetime.UTC)


def metadata(id, number, recording, robot):
    """What a robot notes down beside the steps."""
    start = FIRST_EPISODE + datetime.timedelta(minutes=3 * number)
    steps = len(recording.reward)
    return {
        "episode_id": id,
        "robot_id": robot,
        "environment_id": "bench",
        "task": "follow the target",
        "control_role": "human_teleop",
        "software": {"recorder": "1.4.0"},
        "started_at": start.isoformat().replace("+00:00", "Z"),
        "step_seconds": arm.SECONDS_PER_STEP,
        "steps": steps,
        "success": bool(recording.reward[-1] > -0.5),
        "tags": ["example", "arm"],
    }


def steps(recording):
    """Yields the steps. The instruction is a string and the battery unknown: neither is a feature."""
    count = len(recording.reward)
    for t in range(count):
        yield {
            "observation": {
                "joint_position": recording.position[t].tolist(),
                "joint_velocity": recording.velocity[t].tolist(),
                "target": recording.target[t].tolist(),
                "gripper": {
                    "opening": float(recording.opening[t]),
                    "wanted": float(recording.wanted_opening[t]),
                },
                "instruction": "follow the target",
                "battery": None,
            },
            "action": {
                "gripper": float(recording.action[t, -1]),
                "joint_acceleration": recording.action[t, :-1].tolist(),
            },
            "reward": float(recording.reward[t]),
            "is_first": t == 0,
            "is_last": t == count - 1,
            "is_terminal": False,
        }
