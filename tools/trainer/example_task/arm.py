"""A simulated arm and the controller that a policy is to imitate.

Each joint is a mass with friction. The controller follows a target through a lag, as a careful teleoperator
does:

    r[t] = r[t-1] + (target[t] - r[t-1]) / LAG_STEPS          where it is heading, which nobody observes
    u[t] = STIFFNESS (r[t] - q[t]) - DAMPING v[t]             acceleration it asks for, rad/s²

The gripper is driven alike: its opening follows a wanted one through the same lag. So the action hangs on
past observations, which a policy without memory can't imitate.
"""

from dataclasses import dataclass

import numpy as np

JOINTS = 3
SECONDS_PER_STEP = 0.1  # the control loop's tick
LAG_STEPS = 4.0
STIFFNESS = 9.0  # 1/s²
DAMPING = 3.0  # 1/s
FRICTION = 0.4  # 1/s
RANGE = 1.2  # rad; targets lie within ± this
ACTION_NOISE = 0.05  # rad/s²: what no policy can foresee
SENSOR_NOISE = 0.002  # rad and rad/s


@dataclass(frozen=True)
class Recording:
    """T steps; the last one has an observation only, its action is zero (RLDS)."""

    position: np.ndarray  # [T, JOINTS], rad
    velocity: np.ndarray  # [T, JOINTS], rad/s
    target: np.ndarray  # [T, JOINTS], rad
    opening: np.ndarray  # [T], of the gripper: 0 closed to 1 open
    wanted_opening: np.ndarray  # [T]
    action: np.ndarray  # [T, JOINTS + 1]: acceleration of each joint, rad/s², and the opening's change
    reward: np.ndarray  # [T]: minus the distance to the target, rad


def record(random, steps):
    """Runs one episode; `random` is a numpy Generator."""
    position = random.uniform(-RANGE / 2, RANGE / 2, JOINTS)
    velocity, heading = np.zeros(JOINTS), np.zeros(JOINTS)
    target = random.uniform(-RANGE, RANGE, JOINTS)
    opening = wanted = following = 1.0
    rows = []
    for step in range(steps):
        if step and random.random() < 0.08:  # somebody wants something else
            target, wanted = random.uniform(-RANGE, RANGE, JOINTS), float(random.random() < 0.5)
        seen_position = position + random.normal(0, SENSOR_NOISE, JOINTS)
        seen_velocity = velocity + random.normal(0, SENSOR_NOISE, JOINTS)
        heading = heading + (target - heading) / LAG_STEPS
        acceleration = STIFFNESS * (heading - seen_position) - DAMPING * seen_velocity
        acceleration = acceleration + random.normal(0, ACTION_NOISE, JOINTS)
        following = following + (wanted - following) / LAG_STEPS
        command = 0.5 * (following - opening)
        if step == steps - 1:
            acceleration, command = np.zeros(JOINTS), 0.0
        distance = float(np.linalg.norm(target - seen_position))
        action = np.append(acceleration, command)
        rows.append((seen_position, seen_velocity, target, opening, wanted, action, -distance))
        velocity = velocity + SECONDS_PER_STEP * (acceleration - FRICTION * velocity)
        position = position + SECONDS_PER_STEP * velocity
        opening = opening + command
    columns = [np.array(column).round(6) for column in zip(*rows)]
    return Recording(*columns)


def picture(recording, step, size=16):
    """What a camera above the arm would see: uint8 [size, size, 3]; the arm is green, its target red."""
    image = np.full((size, size, 3), 24, np.uint8)
    for angles, channel in ((recording.target[step], 0), (recording.position[step], 1)):
        along = np.cumsum(angles)
        points = np.cumsum(np.stack([np.cos(along), np.sin(along)], axis=1), axis=0)
        pixels = ((points / JOINTS + 1) / 2 * (size - 1)).round().astype(int)
        image[pixels[:, 1], pixels[:, 0], channel] = 255
    return image
