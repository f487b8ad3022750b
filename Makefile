# The same words as `python3 manage.py <command>`, for people's habits.
PYTHON ?= python3
UV = 0.13.9
.PHONY: demo test lint bench sabotage lock messages

demo test lint bench sabotage:
	@$(PYTHON) manage.py $@ $(ARGS)

# Rewrites requirements/*.lock from requirements/*.in: all platforms, Python 3.11 and newer.
lock:
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/pip install --quiet uv==$(UV)
	cd requirements && for name in base embedded test; do \
		../.venv-lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
			--generate-hashes --no-header --no-emit-index-url $$name.in -o $$name.lock || exit 1; \
	done
	rm -r .venv-lock

# Collects the texts that people read into locale/*/LC_MESSAGES (needs gettext).
messages:
	@TESTING=1 $(PYTHON) manage.py makemessages --all --no-obsolete --add-location=file \
		--ignore=.venv --ignore=.peerlearn --ignore=tests
