"""The faults of `make sabotage`: what one careless line could break, and who notices."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Fault:
    """`old` in `file` becomes `new`; `test` (a node of pytest) has to fail then."""

    name: str
    file: str
    old: str
    new: str
    test: str

    def put_in(self, root: Path) -> str:
        """Break the copy at `root`; what its file held before."""
        path = root / self.file
        before = path.read_text()
        if before.count(self.old) != 1:
            raise LookupError(f"{self.file} does not hold this once: {self.old}")
        path.write_text(before.replace(self.old, self.new))
        return before

    def take_out(self, root: Path, before: str) -> None:
        (root / self.file).write_text(before)


FAULTS = (
    # --- Keeping organizations apart -----------------------------------------------------------
    Fault(
        "a table without row security",
        "peerlearn/organizations/fence.py",
        ('        sql = (\n            "ALTER TABLE %(table)s ENABLE ROW LEVEL SECURITY; "'),
        (
            '        if model.__name__ == "Note":\n'
            '            return "SELECT 1", {}\n'
            "        sql = (\n"
            '            "ALTER TABLE %(table)s ENABLE ROW LEVEL SECURITY; "'
        ),
        "tests/isolation/test_fence.py::test_the_catalogue_has_no_hole",
    ),
    Fault(
        "row security not forced on the owner",
        "peerlearn/organizations/fence.py",
        ('            "ALTER TABLE %(table)s FORCE ROW LEVEL SECURITY; "\n            "CREATE'),
        '            "CREATE',
        "tests/isolation/test_fence.py::test_the_catalogue_has_no_hole",
    ),
    Fault(
        "a policy that checks nothing on writing",
        "peerlearn/organizations/fence.py",
        '"WITH CHECK (organization_id = app_organization_id())"',
        '"WITH CHECK (true)"',
        "tests/isolation/test_fence.py::test_the_catalogue_has_no_hole",
    ),
    Fault(
        "a policy that shows everything",
        "peerlearn/organizations/fence.py",
        '"USING (organization_id = app_organization_id()) "',
        '"USING (true) "',
        "tests/isolation/test_fence.py::test_postgres_alone_shows_only_the_own_organization",
    ),
    Fault(
        "the organization's function immutable",
        "peerlearn/organizations/ground.py",
        "RETURNS bigint LANGUAGE sql STABLE PARALLEL",
        "RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL",
        "tests/isolation/test_fence.py::test_the_catalogue_has_no_hole",
    ),
    Fault(
        "no organization is no error",
        "peerlearn/organizations/ground.py",
        "current_setting('app.organization_id')::bigint",
        "nullif(current_setting('app.organization_id', true), '')::bigint",
        "tests/isolation/test_fence.py::test_a_query_made_inside_and_read_outside_is_refused_by_postgres",
    ),
    Fault(
        "a plain foreign key",
        "peerlearn/organizations/fence.py",
        '"FOREIGN KEY (organization_id, %(column)s) REFERENCES %(target)s (organization_id, id) "',
        '"FOREIGN KEY (%(column)s) REFERENCES %(target)s (id) "',
        "tests/isolation/test_fence.py::test_a_reference_cannot_leave_the_organization",
    ),
    Fault(
        "the ORM without its lock",
        "peerlearn/organizations/fence.py",
        "return super().get_queryset().filter(organization_id=require_organization_id())",
        "return super().get_queryset()",
        "tests/isolation/test_fence.py::test_a_query_outside_a_scope_raises",
    ),
    Fault(
        "a scope within another one's",
        "peerlearn/organizations/scoping.py",
        ("    if surrounding is not None:\n        raise"),
        ("    if surrounding == -1:\n        raise"),
        "tests/isolation/test_fence.py::test_another_organization_cannot_be_entered_from_within",
    ),
    Fault(
        "the organization set for the whole connection",
        "peerlearn/organizations/scoping.py",
        "set_config(%s, %s, true)",
        "set_config(%s, %s, false)",
        "tests/isolation/test_fence.py::test_nothing_survives_on_the_connection",
    ),
    Fault(
        "an effect outside its scope",
        "peerlearn/notifications/outbox.py",
        ("            with scope(organization_id):\n                return unit()"),
        "            return unit()",
        "tests/notifications/test_outbox.py::test_happens_once_at_its_time",
    ),
    Fault(
        "interactions that can be changed",
        "peerlearn/organizations/append_only.py",
        'f"REVOKE UPDATE, DELETE, TRUNCATE ON',
        'f"REVOKE TRUNCATE ON',
        "tests/sessions/test_booking.py::test_the_serving_role_cannot_change_an_interaction",
    ),
    # --- Who may do what --------------------------------------------------------------------
    Fault(
        "an ended membership still opens",
        "peerlearn/organizations/middleware.py",
        "with_factors(Membership.objects.active())",
        "with_factors(Membership.objects.all())",
        "tests/isolation/test_fence.py::test_deactivation_ends_a_session_that_is_open",
    ),
    Fault(
        "a refused request is written all the same",
        "peerlearn/organizations/middleware.py",
        "                if response.status_code >= 400:",
        "                if response.status_code >= 600:",
        "tests/organizations/test_rolling_back.py::test_from_400_on_nothing_is_kept",
    ),
    Fault(
        "roles are not asked",
        "peerlearn/organizations/access.py",
        "            if not any(request.employee.has_role(role) for role in roles):",
        "            if not roles:",
        "tests/isolation/test_matrix.py::test_inside[catalogue_begin]",
    ),
    Fault(
        "foreign is told from absent",
        "peerlearn/organizations/access.py",
        "        raise Http404 from None",
        "        raise PermissionDenied from None",
        "tests/isolation/test_matrix.py::test_inside[booking_cancel]",
    ),
    Fault(
        "managers see every session",
        "sessions/queries.py",
        "own | (agreed & self._has_participant(Q(employee__in=below) & ONCE_BOOKED))",
        "own | agreed",
        "tests/sessions/test_bookings.py::test_the_line_above_and_hr_see_who_is_beside_whom",
    ),
    Fault(
        "private notes are read by the other side",
        "sessions/queries.py",
        "(Q(shared=True) & Exists(there))",
        "Exists(there)",
        "tests/sessions/test_run_pages.py::test_private_notes_stay_private",
    ),
    Fault(
        "a hold is shown to strangers",
        "sessions/queries.py",
        "agreed = ~Q(state__in=[SessionState.HELD, SessionState.EXPIRED])",
        "agreed = Q()",
        "tests/sessions/test_booking_pages.py::test_who_sees_a_booking",
    ),
    Fault(
        "a report is anybody's",
        "analytics/queries.py",
        "return self.filter(requested_by=employee) if employee.active else self.none()",
        "return self if employee.active else self.none()",
        "tests/analytics/test_report_files.py::test_download_once_ready_and_never_by_another",
    ),
    Fault(
        "a link leads to another site after signing in",
        "peerlearn/organizations/identity.py",
        'url and url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)',
        "url",
        "tests/organizations/test_identity.py::test_only_own_paths_lead_on",
    ),
    Fault(
        "wrong passwords are not counted",
        "peerlearn/organizations/identity.py",
        "        if not self._password.count():",
        "        if not self._password:",
        "tests/organizations/test_guessing.py::test_wrong_passwords_leave_the_code",
    ),
    Fault(
        "guessed codes are not counted",
        "peerlearn/organizations/codes.py",
        "        if self._of_this_account and not self._of_this_account.count():",
        "        if self._of_this_account is True:",
        "tests/organizations/test_guessing.py::test_wrong_codes_count_together_whatever_the_way",
    ),
    Fault(
        "the only admin can go",
        "peerlearn/organizations/models/employees.py",
        "        if admins == {self.pk}:",
        "        if admins == {-1}:",
        "tests/organizations/test_employees.py::test_the_last_admin_stays",
    ),
    Fault(
        "a loop of managers",
        "peerlearn/organizations/models/employees.py",
        "if manager.pk == self.pk or self.leads(manager):",
        "if manager.pk == self.pk:",
        "tests/organizations/test_employees.py::test_a_loop_in_the_reporting_line_is_told_beside_the_manager",
    ),
    Fault(
        "nothing ends with somebody's access",
        "peerlearn/organizations/models/employees.py",
        ("            for ending in endings():\n                ending.end(self, at=at)"),
        "            endings()",
        "tests/sessions/test_leaving.py::test_with_a_host_their_sessions_holds_and_offers_go",
    ),
    # --- Booking ----------------------------------------------------------------------------
    Fault(
        "two bookings may overlap",
        "sessions/migrations/0001_initial.py",
        "ExclusionConstraint(condition=models.Q(('active', True)), expressions=",
        "ExclusionConstraint(condition=models.Q(('active', False)), expressions=",
        "tests/sessions/test_booking.py::test_the_database_refuses_two_claims_and_endless_ones",
    ),
    Fault(
        "what was not claimed is not counted",
        "sessions/claiming.py",
        "return public_id if claims == 2 * len(start.blocks) else None",
        "return public_id",
        "tests/sessions/test_concurrency.py::test_the_constraint_alone_gives_one_winner",
    ),
    Fault(
        "a hold never runs out",
        "sessions/queries.py",
        "Q(held_until=None) | Q(held_until__gt=at), active=True",
        "active=True",
        "tests/sessions/test_booking.py::test_what_has_run_out_is_free_without_any_job",
    ),
    Fault(
        "what ran out is not swept",
        "sessions/claiming.py",
        "OR (h.held_until <= %(at)s AND",
        "OR (false AND",
        "tests/sessions/test_booking.py::test_release_and_expire_free_everything",
    ),
    Fault(
        "a hold that is over can be booked",
        "sessions/booking.py",
        "AND state = 'held' AND held_until > %(at)s AND kept = ANY",
        "AND state = 'held' AND kept = ANY",
        "tests/sessions/test_booking_pages.py::test_ten_minutes_pass_while_typing",
    ),
    Fault(
        "people are not locked",
        "sessions/claiming.py",
        "Employee.objects.select_for_update(no_key=True).filter(pk__in=people)",
        "Employee.objects.filter(pk__in=people)",
        "tests/sessions/test_concurrency.py::test_the_months_limit_holds_at_once",
    ),
    Fault(
        "the host's month has no end",
        "sessions/availability.py",
        (
            "        if self._month_is_full(offer, opened[0]):\n"
            "            return Verdict.MONTH_FULL\n"
        ),
        "",
        "tests/sessions/test_booking.py::test_the_hosts_month_is_full",
    ),
    Fault(
        "one place too many is told",
        "sessions/availability.py",
        "left = session.capacity - session.taken",
        "left = session.capacity - session.taken + 1",
        "tests/sessions/test_hosts.py::test_a_first_start_beside_somebody_says_so",
    ),
    Fault(
        "fewer places than are taken",
        "sessions/offering.py",
        "if session.taken > offer.capacity:",
        "if session.taken > offer.capacity + 1:",
        "tests/sessions/test_taking_back.py::"
        "test_capacity_is_lowered_to_what_is_booked_and_no_further",
    ),
    Fault(
        "the host's notice is not kept",
        "sessions/availability.py",
        "return today + timedelta(days=offer.notice_days)",
        "return today",
        "tests/sessions/test_booking.py::test_what_is_refused",
    ),
    Fault(
        "what is claimed counts as free",
        "sessions/free_time.py",
        ("        if j >= 0 and taken[j].end > wanted.start:\n            return False\n"),
        "",
        "tests/sessions/test_free_time.py::test_what_began_earlier_and_is_not_over_is_in_the_way",
    ),
    Fault(
        "a stranger cancels",
        "sessions/cancelling.py",
        "        if mine is None or session.state not in _AGREED:\n            raise",
        "        if session.state not in _AGREED:\n            raise",
        "tests/sessions/test_booking.py::test_a_host_cancels_and_strangers_cannot",
    ),
    Fault(
        "the last who waits comes first",
        "sessions/queries.py",
        'return self.filter(left_at=None).order_by("joined_at", "pk")',
        'return self.filter(left_at=None).order_by("-joined_at", "-pk")',
        "tests/sessions/test_waiting.py::test_not_taken_it_goes_to_the_next_and_to_nobody_twice",
    ),
    Fault(
        "a place is held past the host's notice",
        "sessions/waiting.py",
        "until = min(at + HELD_FOR, last)",
        "until = at + HELD_FOR",
        "tests/sessions/test_waiting.py::test_it_is_held_until_the_notice_at_most",
    ),
    Fault(
        "a day counts twice",
        "sessions/running.py",
        ("        if block.state == BlockState.DONE:\n            return False\n"),
        "",
        "tests/sessions/test_running.py::test_done_days_become_interactions_that_add_up",
    ),
    Fault(
        "a day is done before it began",
        "sessions/running.py",
        (
            "        if at < block.starts_at:\n"
            '            raise Refused(_("That day has not begun yet."))\n'
        ),
        "",
        "tests/sessions/test_run_pages.py::test_the_host_marks_a_day_once_it_began",
    ),
    Fault(
        "the clock change is forgotten",
        "sessions/free_time.py",
        "return datetime.combine(day, wall.replace(fold=0), tzinfo=zone).astimezone(UTC)",
        "return datetime.combine(day, wall.replace(fold=0), tzinfo=UTC)",
        "tests/sessions/test_free_time.py::test_the_offset_is_that_of_the_day_itself",
    ),
    # --- Nothing lost, nothing twice --------------------------------------------------------
    Fault(
        "an outbox row gone before its effect",
        "peerlearn/notifications/outbox.py",
        ("        if prepared is None:\n            _end(row)\n        return prepared"),
        ("        _end(row)\n        return prepared"),
        "tests/notifications/test_delivery.py::test_a_mail_server_that_is_away",
    ),
    Fault(
        "finders wait for each other",
        "peerlearn/notifications/queries.py",
        '.select_for_update(skip_locked=True, of=("self",))[: max(WINDOW - out, 0)]',
        "[: max(WINDOW - out, 0)]",
        "tests/notifications/test_outbox.py::test_a_finder_leaves_what_another_one_is_handing_over",
    ),
    Fault(
        "a failure is the end",
        "peerlearn/notifications/outbox.py",
        "        mine.fail(type(error).__name__)",
        "        mine.bury(type(error).__name__)",
        "tests/notifications/test_outbox.py::test_failures_are_counted_and_undone",
    ),
    Fault(
        "a row taken by two workers",
        "peerlearn/notifications/queries.py",
        "taken = self.late(at).filter(pk=outbox_id, taken_at=None)",
        "taken = self.late(at).filter(pk=outbox_id)",
        "tests/operations/test_twice.py::test_an_effect_happens_once[calendar_message]",
    ),
    Fault(
        "a dead worker's row waits for ever",
        "peerlearn/notifications/outbox.py",
        "    if lost := Outbox.objects.give_up_abandoned():",
        "    if lost := 0:",
        "tests/notifications/test_outbox.py::test_a_killed_worker_counts_as_a_failure",
    ),
    Fault(
        "mails of a suspended organization go",
        "peerlearn/notifications/queries.py",
        ".filter(taken_at=None, organization__suspended_at=None)",
        ".filter(taken_at=None)",
        "tests/notifications/test_outbox.py::test_suspended_organizations_wait",
    ),
    Fault(
        "a task is acknowledged before it is done",
        "peerlearn/celery.py",
        "task_acks_late=True",
        "task_acks_late=False",
        "tests/operations/test_worker.py::test_a_message_is_answered_for_once_its_task_is_done",
    ),
    # --- Figures and files ------------------------------------------------------------------
    Fault(
        "all or nobody of a group is told",
        "analytics/disclosure.py",
        ("    if count <= low + FEW:\n        return low, low + FEW\n"),
        "",
        "tests/analytics/test_disclosure.py::test_ends_are_ranges",
    ),
    Fault(
        "what is left over is told alone",
        "analytics/disclosure.py",
        ("        found[0].extend(rest)\n        rest = []"),
        "        rest = []",
        "tests/analytics/test_disclosure.py::test_a_second_team_is_folded",
    ),
    Fault(
        "groups of four",
        "analytics/disclosure.py",
        "            if len(bag) >= smallest:",
        "            if len(bag) >= smallest - 1:",
        "tests/analytics/test_disclosure.py::test_too_few_altogether_show_nothing",
    ),
    Fault(
        "a smallest group of four",
        "peerlearn/organizations/migrations/0001_initial.py",
        "models.Q(('smallest_group__gte', 5))",
        "models.Q(('smallest_group__gte', 4))",
        "tests/organizations/test_settings.py::"
        "test_no_group_is_smaller_than_five_by_the_databases_word",
    ),
    Fault(
        "an open month is shown",
        "analytics/disclosure.py",
        "return preceding(month_of(today - GRACE))",
        "return month_of(today)",
        "tests/analytics/test_disclosure.py::test_a_month_closes_a_week_after_its_end",
    ),
    Fault(
        "a formula in a CSV",
        "peerlearn/web/cells.py",
        '        return "\'" + text\n',
        "        return text\n",
        "tests/analytics/test_files.py::test_csv_text_is_no_formula",
    ),
    # --- In and out -------------------------------------------------------------------------
    Fault(
        "one route without a policy",
        "peerlearn/web/headers.py",
        "        response.headers.setdefault(csp.HEADER, self.policy)\n",
        '        if not request.path.endswith("/cancel/"):\n'
        "            response.headers.setdefault(csp.HEADER, self.policy)\n",
        "tests/isolation/test_matrix.py::test_inside[booking_cancel]",
    ),
    Fault(
        "pages are kept by browsers",
        "peerlearn/web/headers.py",
        'if signed_in or "Cache-Control" not in response.headers:',
        'if not signed_in and "Cache-Control" not in response.headers:',
        "tests/web/test_headers.py::test_a_view_cannot_have_a_page_of_the_organization_kept",
    ),
    Fault(
        "a bomb is unpacked",
        "peerlearn/organizations/importing/reading.py",
        ('        raise Unreadable("bomb")\n\n\ndef _all'),
        ("        return\n\n\ndef _all"),
        "tests/organizations/test_import_files.py::test_each_bad_file_has_its_own_words",
    ),
    Fault(
        "a sheet's word for its size is believed",
        "peerlearn/organizations/importing/reading.py",
        "            sheet.reset_dimensions()  # what it says of its own size is not believed\n",
        "",
        "tests/organizations/test_import_files.py::test_what_a_sheet_says_of_its_size_is_not_believed",
    ),
    Fault(
        "addresses in the log",
        "peerlearn/logs.py",
        '"[e-mail]"),',
        'r"\\g<0>"),',
        "tests/operations/test_logs.py::test_masks",
    ),
    Fault(
        "a production start with DEBUG",
        "peerlearn/settings.py",
        '        (DEBUG, "DEBUG must not be set in production"),\n',
        "",
        "tests/operations/test_production.py::test_settings_refuse",
    ),
    Fault(
        "a serving role above row security",
        "peerlearn/runtime/roles.py",
        '            (bypasses, "bypasses row security"),\n',
        "",
        "tests/runtime/test_roles.py::test_an_owner_or_superuser_is_refused_as_serving_role",
    ),
    # --- Secrets, and what is answered once ------------------------------------------------------
    Fault(
        "a token beyond its scopes",
        "peerlearn/api/permissions.py",
        "if needed is not None and needed.name not in request.auth.scopes:",
        "if needed is not None and not request.auth.scopes:",
        "tests/api/test_tokens.py::test_a_token_does_no_more_than_its_scopes",
    ),
    Fault(
        "a token stored as it is",
        "peerlearn/api/secrets.py",
        "return hashlib.sha256(secret.encode()).hexdigest()",
        "return secret[:64]",
        "tests/api/test_tokens.py::test_a_token_is_made_shown_once_and_revoked",
    ),
    Fault(
        "an expired token opens",
        "peerlearn/api/queries.py",
        "return self.filter(revoked_at=None, expires_at__gt=at)",
        "return self.filter(revoked_at=None)",
        "tests/api/test_tokens.py::test_what_ends_a_token",
    ),
    Fault(
        "an idempotency key of one's own that is everybody's",
        "peerlearn/api/idempotency.py",
        "return int(request.auth.pk)",
        'return int(type(request.auth).objects.order_by("pk")[0].pk)',
        "tests/api/test_booking.py::test_keys_of_others_do_not_meet",
    ),
    Fault(
        "an idempotency key for any request",
        "peerlearn/api/idempotency.py",
        "    if kept.fingerprint != asked:\n",
        "    if not asked:\n",
        "tests/api/test_booking.py::test_a_key_is_for_one_request_and_a_day",
    ),
    Fault(
        "days that are told to who gave up a place",
        "sessions/receipt.py",
        "return mine.state in _IN_IT or session.host_id == mine.employee_id",
        "return True",
        "tests/api/test_booking.py::test_who_gave_up_a_place_learns_nothing_of_the_days",
    ),
    Fault(
        "a feed's secret stored as it is",
        "sessions/calendar_choices.py",
        'return sha256(secret.encode("utf-8", "replace")).hexdigest()',
        "return secret[:64]",
        "tests/sessions/test_calendar_feed.py::"
        "test_the_secret_is_changed_switched_off_and_ends_with_access",
    ),
    Fault(
        "a feed that outlives the work e-mail of whoever made it",
        "sessions/calendar_choices.py",
        "    def end_for_the_old_email(self, employee: Employee, *, at: datetime) -> None:\n"
        "        close_feed(",
        "    def end_for_the_old_email(self, employee: Employee, *, at: datetime) -> None:\n"
        "        choice_of(",
        "tests/sessions/test_calendar_feed.py::test_another_work_email_shuts_it",
    ),
    Fault(
        "a SEQUENCE that is not raised",
        "sessions/calendar_entries.py",
        "         sequence = entry.sequence + 1\n    FROM standing JOIN wanted",
        "         sequence = entry.sequence\n    FROM standing JOIN wanted",
        "tests/sessions/test_calendar_entries.py::test_a_move_keeps_the_uid_and_raises_the_sequence",
    ),
    Fault(
        "an invitation's secret stored as it is",
        "peerlearn/organizations/models/invitations.py",
        "return sha256(secret.encode()).hexdigest()",
        "return secret[:64]",
        "tests/organizations/test_invitations.py::test_the_secret_stands_nowhere",
    ),
    Fault(
        "an invitation for whoever holds it",
        "peerlearn/organizations/inviting.py",
        "return user.is_active and (user.is_new if signed_in is None else signed_in.pk == user.pk)",
        "return user.is_active",
        "tests/organizations/test_invitations.py::test_the_verb_itself_lets_nobody_else_in",
    ),
    Fault(
        "a code of an app that works twice",
        "peerlearn/organizations/factors.py",
        'seconds=time.time(), after=row.data["used"])',
        "seconds=time.time())",
        "tests/organizations/test_second_factor.py::test_a_code_works_once",
    ),
    Fault(
        "anybody approves",
        "sessions/approving.py",
        "    if not may_answer(by, held.employee):\n",
        "    if not by.active:\n",
        "tests/sessions/test_approving.py::test_nobody_approves_their_own_request",
    ),
    Fault(
        "an answer that comes second holds",
        "sessions/models/requests.py",
        "Request.objects.filter(pk=self.pk, answer=Answer.OPEN).update(",
        "Request.objects.filter(pk=self.pk).update(",
        "tests/sessions/test_approving.py::test_an_answer_that_comes_second_changes_nothing",
    ),
    Fault(
        "a made-up token leaves a row",
        "peerlearn/api/opening.py",
        "    if tried is None or not tried.count_again():\n",
        "    if tried is None or not tried.count():\n",
        "tests/api/test_tokens.py::test_made_up_tokens_count_by_network_and_keep_nobody_out",
    ),
    Fault(
        "a token that comes back with an old e-mail",
        "peerlearn/api/leaving.py",
        "at: datetime) -> None:\n        self.end(employee, at=at)\n",
        "at: datetime) -> None:\n        str(employee)\n",
        "tests/organizations/test_email_changes.py::"
        "test_what_was_made_for_an_email_stays_shut_when_it_comes_back",
    ),
    Fault(
        "a mailed code that never runs out",
        "peerlearn/organizations/again.py",
        'if 0 <= time.time() - float(sent["at"]) < CODE_FOR else ""',
        'if 0 <= time.time() - float(sent["at"]) else ""',
        "tests/organizations/test_second_factor.py::test_the_mailed_code_runs_out",
    ),
    Fault(
        "a removed organization that a restore brings back",
        "peerlearn/runtime/backup.py",
        "again = removed.remove_again(cursor, ledger, made_at=made_at)",
        'again = removed.remove_again(cursor, ledger.with_suffix(".none"), made_at=made_at)',
        "tests/runtime/test_backup.py::test_who_was_removed_since_does_not_come_back",
    ),
)
